# goal: write at a position of 2**63 - 10, so that its end overflows
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 51] No space left on device" alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.pwrite(file, b"x" * 100, (1 << 63) - 10)
