# goal: have a position overflow by adding to it
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 28] Invalid argument" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.write(file, b"abc")
os.lseek(file, (1 << 63) - 1, os.SEEK_END)
