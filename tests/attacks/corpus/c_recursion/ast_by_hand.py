# goal: overflow the C stack of the compiler by a tree built by hand
# technique: c_recursion
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded while traversing 'expr' node"

import ast

tree = ast.Constant(1, lineno=1, col_offset=0)
for _ in range(100_000):
    tree = ast.UnaryOp(ast.USub(), tree, lineno=1, col_offset=0)
compile(ast.Expression(tree), "x", "eval")
