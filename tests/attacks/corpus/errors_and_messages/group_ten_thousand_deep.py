# goal: overflow the stack of whoever shows a group within a group
# technique: errors_and_messages
# field: step-c-recursion
# expect: error ExceptionGroup "g (1 sub-exception)" alive

error = ValueError("x")
for _ in range(10_000):
    error = ExceptionGroup("g", [error])
raise error
