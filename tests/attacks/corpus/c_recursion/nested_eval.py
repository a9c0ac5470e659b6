# goal: overflow the stack by eval within eval
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError ~".*"

code = "eval(code)"
eval(code)
