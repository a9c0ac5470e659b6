# goal: make the host's frozenset quadratic with numbers of several types that hash alike
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: keys made to collide"

import fractions

prime = (1 << 61) - 1
frozenset([n * prime for n in range(20)] + [fractions.Fraction(n * prime, 7) for n in range(1, 40)])
