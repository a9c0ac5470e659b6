# goal: find what other guests have left in memory
# technique: randomness_and_isolation
# needs: engine=wasi
# expect: ok True alive

needle = b"sibling" + b"-secret"
kept = [bytes(100_000) for _ in range(200)]
not any(any(block) for block in kept)
