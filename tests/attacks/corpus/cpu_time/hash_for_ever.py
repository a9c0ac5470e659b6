# goal: hash a password a billion times, in C
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall dead
# expect[engine=wasi]: error AttributeError "module 'hashlib' has no attribute 'pbkdf2_hmac'" alive

import hashlib

hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 10**9)
