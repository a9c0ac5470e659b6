# goal: have itertools keep its inputs
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

import itertools

next(itertools.product(range(10**9), repeat=2))
