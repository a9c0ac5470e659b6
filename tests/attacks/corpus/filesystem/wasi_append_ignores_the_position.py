# goal: write before the end of a file that is appended to
# technique: filesystem
# needs: engine=wasi
# expect: ok b'abc!' alive

import os

file = os.open("f", os.O_CREAT | os.O_RDWR | os.O_APPEND)
os.write(file, b"abc")
os.lseek(file, 0, os.SEEK_SET)
os.write(file, b"!")
open("f", "rb").read()
