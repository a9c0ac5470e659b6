# goal: compile a pattern that takes gigabytes
# technique: regex_and_parsers
# field: step-regex
# limits: memory=64MiB wall=5
# expect: ok Opaque(Pattern: re.compile('(?:(?:(?:a{1,9}){999}){999}){999}'))

import re

re.compile("(?:" * 3 + "a{1,9}" + "){999}" * 3)
