# goal: overflow the compiler by attributes
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded during compilation" alive

compile("x" + ".x" * 200_000, "", "eval")
