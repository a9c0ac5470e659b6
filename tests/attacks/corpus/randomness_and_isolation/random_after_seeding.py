# goal: leave the generator seeded for the next guest
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"0\.\d+(e-\d+)?" alive

import random

value = random.random()
random.seed(1)
value
