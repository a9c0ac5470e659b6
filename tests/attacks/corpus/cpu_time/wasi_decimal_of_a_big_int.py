# goal: convert a number for ever
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-big-power
# expect: limit wall

import decimal

decimal.getcontext().prec = 10**6
decimal.Decimal(2) ** decimal.Decimal("0.5") * decimal.Decimal(3).sqrt() ** 10_000_001
