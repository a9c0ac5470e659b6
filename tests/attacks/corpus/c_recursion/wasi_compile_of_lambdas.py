# goal: overflow the compiler by lambdas
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: limit memory alive

compile("lambda: " * 100_000 + "0", "", "eval")
