# goal: overflow the stack of whoever shows an exception's causes
# technique: errors_and_messages
# field: lang-exception-objects, step-c-recursion
# expect: error ValueError "last" alive

error = ValueError("first")
for _ in range(10_000):
    following = ValueError("last")
    following.__cause__ = error
    error = following
raise error
