# goal: cut the library through a descriptor for reading
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 8] Bad file descriptor" alive

import os

file = os.open(os.__file__, os.O_RDONLY)
os.ftruncate(file, 0)
