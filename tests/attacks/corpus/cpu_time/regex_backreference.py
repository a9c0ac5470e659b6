# goal: match a pattern with back references
# technique: cpu_time
# limits: wall=0.3
# field: step-regex
# expect: limit wall alive

import re

re.search(r"(.*)(.*)(.*)(.*)(.*)\1\2\3\4\5x", "ab" * 400)
