# goal: overflow the C stack of the parser by parentheses
# technique: c_recursion
# field: step-c-recursion
# expect: error SyntaxError ~"too many nested parentheses.*"
# expect[engine=wasi]: limit memory

eval("(" * 100_000 + ")" * 100_000)
