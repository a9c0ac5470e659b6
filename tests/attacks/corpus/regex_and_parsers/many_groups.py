# goal: crash the matcher with a hundred thousand groups
# technique: regex_and_parsers
# field: step-regex
# limits: wall=5
# expect: ok True

import re

re.compile("(a)" * 20_000).match("a" * 20_000) is not None
