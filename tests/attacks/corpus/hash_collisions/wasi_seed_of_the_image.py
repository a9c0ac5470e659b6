# goal: know the seed of another guest's hashes
# technique: hash_collisions
# needs: engine=wasi
# twice: equal
# field: step-hash-collision
# expect: ok ~r"-?\d+" alive

hash("a")
