# goal: overflow the C stack of ast.literal_eval
# technique: c_recursion
# field: step-c-recursion
# expect: limit memory ~".*"

import ast

ast.literal_eval("+" * 50_000 + "1")
