# goal: have the C library read a file as a time zone
# technique: filesystem
# expect: ok ('', '') alive
# expect[engine=wasi]: error AttributeError "module 'time' has no attribute 'tzset'" alive

import os
import time

os.environ["TZ"] = ":/etc/passwd"
time.tzset()
time.tzname
