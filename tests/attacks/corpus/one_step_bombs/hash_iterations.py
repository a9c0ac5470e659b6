# goal: compute for hours in one call of a C library
# technique: one_step_bombs
# field: step-sum-range
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead
# expect[engine=wasi]: error AttributeError "module 'hashlib' has no attribute 'pbkdf2_hmac'" alive

import hashlib

hashlib.pbkdf2_hmac("sha512", b"x", b"y", 10**9)
