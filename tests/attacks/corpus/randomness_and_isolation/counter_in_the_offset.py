# goal: count the guests in the position of a shared descriptor
# technique: randomness_and_isolation
# twice: equal
# field: kernel-leaked-fd
# expect: ok 0 alive
# expect[engine=wasi]: error OSError "[Errno 70] Invalid seek" alive

import os

position = os.lseek(0, 0, os.SEEK_CUR)
os.lseek(0, 1, os.SEEK_CUR)
position
