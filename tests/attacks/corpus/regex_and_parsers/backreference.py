# goal: match for years by a reference to a group
# technique: regex_and_parsers
# field: step-regex
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

import re

re.match(r"(.*)(.*)(.*)(.*)(.*)\1\2\3\4\5x", "a" * 300)
