# goal: make a file with a name of odd bytes
# technique: filesystem
# needs: engine=wasi
# expect: ok [b'\x80\xff\n'] alive

import os

open(b"\x80\xff\n", "w")
os.listdir(b".")
