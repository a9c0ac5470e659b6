# goal: make the host's set quadratic with fractions whose hashes are infinite
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: keys made to collide"

import fractions

prime = (1 << 61) - 1
{fractions.Fraction(number, prime) for number in range(1, 500)}
