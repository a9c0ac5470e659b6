# goal: count the guests in a module that all share
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok 1 alive

import json

json.counter = getattr(json, "counter", 0) + 1
json.counter
