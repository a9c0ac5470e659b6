# goal: take memory by one field
# technique: regex_and_parsers
# field: step-string-repeat
# limits: memory=64MiB
# expect: error Error "field larger than field limit (131072)"

import csv

list(csv.reader(["x" * 10_000_000]))
