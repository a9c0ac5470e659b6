# goal: have a position overflow
# technique: filesystem
# needs: engine=wasi
# limits: disk=1MiB
# expect: error OSError "[Errno 51] No space left on device" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.lseek(file, (1 << 63) - 1, os.SEEK_SET)
os.write(file, b"x" * 100)
