# goal: match a pattern whose alternatives overlap
# technique: cpu_time
# limits: wall=0.3
# field: step-regex
# expect: limit wall alive

import re

re.fullmatch(r"(a|aa)+b", "a" * 96)
