# goal: match a pattern that tries every way
# technique: cpu_time
# limits: wall=0.3
# field: step-regex
# expect: limit wall alive

import re

re.fullmatch(r"(a+)+b", "a" * 64)
