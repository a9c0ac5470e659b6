# goal: have a parser read a number of ten million digits
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall

import json
import sys

sys.set_int_max_str_digits(0)
json.loads("9" * 10_000_000).bit_length()
