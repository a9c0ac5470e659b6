# goal: match for years
# technique: regex_and_parsers
# field: step-regex
# limits: cpu=0.5
# expect: limit cpu "the guest reached its limit cpu=0.5 s" alive

import re

re.match(r"(a|aa)+$", "a" * 100 + "b")
