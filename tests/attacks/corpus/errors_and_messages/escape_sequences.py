# goal: get escape sequences onto the host's terminal
# technique: errors_and_messages
# trap: 15
# expect: error ValueError "\x1b]0;owned\x07\x9b2J\r" alive

raise ValueError("\x1b]0;owned\x07\x9b2J\r")
