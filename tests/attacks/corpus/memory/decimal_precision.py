# goal: ask for a number of a billion digits
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

import decimal

decimal.getcontext().prec = decimal.MAX_PREC
len(str(decimal.Decimal(1) / 3))
