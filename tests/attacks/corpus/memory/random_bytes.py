# goal: ask for ten gigabytes of randomness
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive
# expect[engine=wasi]: error OverflowError "Python int too large to convert to C ssize_t" alive

import os

len(os.urandom(10**10))
