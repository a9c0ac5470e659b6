# goal: fill the host's log with the notes of an exception
# technique: errors_and_messages
# field: host-long-error
# expect: error ValueError "x"

error = ValueError("x")
for _ in range(10_000):
    error.add_note("n" * 1_000)
raise error
