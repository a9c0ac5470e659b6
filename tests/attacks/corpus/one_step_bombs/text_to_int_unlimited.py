# goal: read an integer of a million digits, after the limit was lifted
# technique: one_step_bombs
# field: step-big-power
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s"

import sys

sys.set_int_max_str_digits(0)
int("9" * 50_000_000) > 0
