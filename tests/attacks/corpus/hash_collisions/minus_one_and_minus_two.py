# goal: fall foul of the check with numbers that honest programs use
# technique: hash_collisions
# field: step-hash-collision
# expect: ok 2001

len({number: 0 for number in range(-1_000, 1_001)})
