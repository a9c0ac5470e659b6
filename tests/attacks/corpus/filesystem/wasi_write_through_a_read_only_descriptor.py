# goal: write to a file that was opened for reading
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 8] Bad file descriptor" alive

import os

open("f", "w").close()
file = os.open("f", os.O_RDONLY)
os.write(file, b"x")
