# goal: make a fraction of a huge exponent
# technique: cpu_time
# limits: wall=0.3 memory=128MiB
# field: step-big-power
# trap: 8
# expect: limit wall

from fractions import Fraction

Fraction("1e50000000") + Fraction(1, 3)
