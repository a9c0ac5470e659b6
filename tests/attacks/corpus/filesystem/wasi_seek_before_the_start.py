# goal: read before the start of a file
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 28] Invalid argument" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.lseek(file, -1, os.SEEK_SET)
