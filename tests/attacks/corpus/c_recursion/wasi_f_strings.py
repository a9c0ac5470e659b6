# goal: overflow the parser by f-strings in f-strings
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: limit memory alive

source = "1"
for _ in range(200):
    source = "f'{" + source + "}'"
eval(source)
