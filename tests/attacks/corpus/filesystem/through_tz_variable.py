# goal: have the C library read a file as a time zone
# technique: filesystem
# expect: ok ('', '') alive

import os
import time

os.environ["TZ"] = ":/etc/passwd"
time.tzset()
time.tzname
