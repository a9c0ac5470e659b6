# goal: leave the limit of recursion changed
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok 1000 alive

import sys

before = sys.getrecursionlimit()
sys.setrecursionlimit(before + 1)
before
