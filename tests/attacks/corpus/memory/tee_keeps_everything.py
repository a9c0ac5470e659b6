# goal: have itertools keep what one half has not read
# technique: memory
# limits: memory=64MiB
# expect: limit memory

import itertools

first, second = itertools.tee(itertools.count())
for number in first:
    if number == 10**8:
        break
next(second)
