# goal: overflow the C stack of the parser by unary operators
# technique: c_recursion
# field: step-c-recursion
# expect: limit memory ~".*"

eval("-" * 100_000 + "1")
