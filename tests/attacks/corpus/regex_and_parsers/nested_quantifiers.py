# goal: match for years
# technique: regex_and_parsers
# field: step-regex
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import re

re.match(r"(a+)+$", "a" * 100 + "b")
