# goal: write at 2**32, where a 32-bit address is 0 again
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 51] No space left on device" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.write(file, b"abc")
os.pwrite(file, b"x", 1 << 32)
