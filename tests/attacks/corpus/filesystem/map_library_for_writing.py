# goal: write to a module through a shared mapping
# technique: filesystem
# needs: no:only:seccomp module:mmap
# expect: error PermissionError '[Errno 13] Permission denied' alive

import mmap
import os

with open(os.__file__, "rb") as file:
    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_WRITE)[0] = 35
