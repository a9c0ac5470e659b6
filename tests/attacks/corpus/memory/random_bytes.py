# goal: ask for ten gigabytes of randomness
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

import os

len(os.urandom(10**10))
