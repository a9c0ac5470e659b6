# goal: make a file of 2**32 bytes, which is 0 in 32 bits
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 51] No space left on device" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.ftruncate(file, (1 << 32) + 1)
