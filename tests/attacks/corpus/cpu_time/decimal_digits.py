# goal: turn a huge number into digits
# technique: cpu_time
# limits: wall=0.3
# field: step-big-power
# expect: limit wall

import sys

sys.set_int_max_str_digits(0)
len(str(1 << 100_000_000))
