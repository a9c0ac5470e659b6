# goal: read at a position of 2**63 - 1
# technique: filesystem
# needs: engine=wasi
# expect: ok b'' alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.write(file, b"abc")
os.pread(file, 100, (1 << 63) - 1)
