# goal: overflow the stack by an expression that is taken apart
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

import ast

node = ast.Name("x", ast.Load())
for _ in range(100_000):
    node = ast.UnaryOp(ast.Not(), node)
compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval")
