# goal: overflow the compiler by a million additions
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# limits: wall=10
# expect: error RecursionError "maximum recursion depth exceeded during compilation" alive

eval("+".join(["x"] * 200_000))
