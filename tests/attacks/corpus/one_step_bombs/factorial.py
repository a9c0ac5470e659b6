# goal: compute for hours by one call
# technique: one_step_bombs
# field: step-big-power
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import math

math.factorial(10**7) > 0
