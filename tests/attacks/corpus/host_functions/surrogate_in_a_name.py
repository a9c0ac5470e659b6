# goal: break the host's message with a name that is no valid text
# technique: host_functions
# functions: echo
# field: host-utf8
# expect: error TypeError "echo(): args: expected (value: str), got an unknown argument str '\\ud800'"

echo(**{"\ud800": "x"})
