# goal: know another guest's random numbers
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"0\.\d+(e-\d+)?" alive

import random

random.random()
