# goal: match a pattern that tries every way
# technique: cpu_time
# limits: wall=0.3
# field: step-regex
# expect: ok None

import re

re.fullmatch(r"(a+)+b", "a" * 64)
