# goal: read what was cut off when the file grows again
# technique: filesystem
# needs: engine=wasi
# expect: ok b'ab\x00\x00\x00\x00' alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR)
os.write(file, b"abcdef")
os.ftruncate(file, 2)
os.ftruncate(file, 6)
os.pread(file, 10, 0)
