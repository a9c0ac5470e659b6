# goal: get terminal escape sequences into the host's messages
# technique: host_functions
# trap: 15
# functions: echo
# expect: error TypeError "echo(): args: expected (value: str), got an unknown argument str '\\x1b]0;owned\\x07\\x1b[2J'"

echo(**{"\x1b]0;owned\x07\x1b[2J": "x"})
