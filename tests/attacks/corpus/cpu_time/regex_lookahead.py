# goal: look ahead, again and again
# technique: cpu_time
# limits: wall=0.3
# field: step-regex
# expect: limit wall alive

import re

re.fullmatch(r"(?:(?=(a*))a)*(a*)*b", "a" * 64)
