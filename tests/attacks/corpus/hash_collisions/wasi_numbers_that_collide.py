# goal: make a set quadratic with integers that hash alike in 31 bits
# technique: hash_collisions
# needs: engine=wasi
# field: step-hash-collision
# limits: wall=0.5
# expect: limit wall

import sys

prime = sys.hash_info.modulus
len({number * prime for number in range(200_000)})
