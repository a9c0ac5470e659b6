# goal: make a file of -1 bytes
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 28] Invalid argument" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.ftruncate(file, -1)
