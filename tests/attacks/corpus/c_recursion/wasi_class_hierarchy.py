# goal: overflow the stack by a class with a hundred thousand ancestors
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# limits: wall=5
# expect: limit wall

kind = type("C", (), {})
for _ in range(20_000):
    kind = type("C", (kind,), {})
kind().x
