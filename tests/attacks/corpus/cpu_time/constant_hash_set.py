# goal: fill a set with numbers that collide
# technique: cpu_time
# limits: wall=0.3
# field: step-hash-collision
# expect: limit wall

import sys

len({number * sys.hash_info.modulus for number in range(1, 10**6)})
