# goal: compute a huge factorial
# technique: cpu_time
# limits: wall=0.3
# field: step-big-power
# expect: limit wall

import math

math.factorial(10**7)
