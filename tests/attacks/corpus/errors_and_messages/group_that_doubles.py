# goal: make the traceback of a group of a group grow without bound
# technique: errors_and_messages
# field: step-c-recursion
# limits: wall=1
# expect: limit wall "the guest reached its limit wall=1 s" dead

error = ValueError("x")
for _ in range(40):
    error = ExceptionGroup("g", [error, error])
raise error
