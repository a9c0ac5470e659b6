# goal: know the state of another guest's generator
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"\d+" alive

import random

sum(random.getstate()[1])
