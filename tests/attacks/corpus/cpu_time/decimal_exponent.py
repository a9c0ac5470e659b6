# goal: raise a decimal to a huge power
# technique: cpu_time
# limits: wall=0.3
# field: step-big-power
# trap: 8
# expect: limit wall dead

import decimal

decimal.getcontext().prec = 10**7
decimal.getcontext().Emax = decimal.MAX_EMAX
decimal.Decimal(3) ** (10**9)
