# goal: decode JSON that takes a hundred times its length
# technique: regex_and_parsers
# field: step-list-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

import json

len(json.loads("[" + "[]," * 5_000_000 + "[]]"))
