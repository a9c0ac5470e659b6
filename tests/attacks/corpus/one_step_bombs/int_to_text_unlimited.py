# goal: turn an integer into a million digits, after the limit was lifted
# technique: one_step_bombs
# field: step-big-power
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s"

import sys

sys.set_int_max_str_digits(0)
len(str(1 << 40_000_000))
