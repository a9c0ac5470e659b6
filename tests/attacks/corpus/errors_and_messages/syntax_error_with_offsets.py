# goal: crash the formatter with offsets that are beyond the line
# technique: errors_and_messages
# field: lang-exception-objects
# expect: error SyntaxError ~"x \\(.*\\)"

raise SyntaxError("x", ("f", 10**9, 10**9, "\0" * 1_000, 10**9, -(10**9)))
