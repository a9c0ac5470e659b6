# goal: backtrack for ever
# technique: cpu_time
# needs: engine=wasi
# limits: wall=0.5
# field: step-regex
# expect: limit wall

import re

re.match(r"(a+)+$", "a" * 40 + "b")
