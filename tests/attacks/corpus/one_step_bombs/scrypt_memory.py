# goal: take gigabytes in one call of a C library
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: error ValueError "[digital envelope routines] malloc failure"
# expect[engine=wasi]: error AttributeError "module 'hashlib' has no attribute 'scrypt'"

import hashlib

hashlib.scrypt(b"x", salt=b"y", n=1 << 14, r=512, p=1, maxmem=2**31 - 1)
