# goal: print a number for ever
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-big-power
# expect: limit wall

import sys

sys.set_int_max_str_digits(0)
str(7**5_000_000)
