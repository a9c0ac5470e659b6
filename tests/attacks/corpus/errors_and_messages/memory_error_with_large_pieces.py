# goal: leave no memory for the report of the error
# technique: errors_and_messages
# field: step-string-repeat
# limits: memory=32MiB
# expect: limit memory ~".*"

hoard = []
size = 1 << 20
while True:
    try:
        hoard.append(bytearray(size))
    except MemoryError:
        size //= 2
        if size < 16:
            raise
