# goal: overflow the parser's stack by parentheses that never close
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: limit memory alive

eval("(" * 100_000)
