# goal: fill the host's log with a line of a syntax error
# technique: errors_and_messages
# field: host-long-error
# expect: error SyntaxError ~".*"

exec("x = (" + "1, " * 30_000 + "!")
