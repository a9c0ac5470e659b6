# goal: make the host's dict quadratic with integers that hash alike
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: keys made to collide"

prime = (1 << 61) - 1
{number * prime: 0 for number in range(1_000)}
