# goal: wait in C for a truth that never comes
# technique: cpu_time
# limits: wall=0.3
# field: step-sum-range
# expect: limit wall dead

import itertools

any(itertools.repeat(False))
