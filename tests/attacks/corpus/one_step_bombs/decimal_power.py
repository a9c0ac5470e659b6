# goal: compute for hours with decimals
# technique: one_step_bombs
# field: step-big-power
# limits: wall=0.5 memory=64MiB
# expect: limit memory ""

import decimal

decimal.getcontext().prec = decimal.MAX_PREC
decimal.Decimal(1) / 3
