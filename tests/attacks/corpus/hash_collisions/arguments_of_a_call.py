# goal: make the host's dict of arguments quadratic
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# functions: echo_dict
# expect: crashed Protocol "the guest broke the protocol: keys made to collide"

prime = (1 << 61) - 1
echo_dict({number * prime: 0.0 for number in range(1_000)})
