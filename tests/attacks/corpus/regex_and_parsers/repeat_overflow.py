# goal: overflow the counter of a repetition
# technique: regex_and_parsers
# field: step-regex
# expect: error OverflowError "the repetition number is too large" alive

import re

re.compile("a{99999999999999999999}")
