# goal: overflow the C stack of the compiler by a chain of attributes
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~".*"

eval("a" + ".b" * 100_000)
