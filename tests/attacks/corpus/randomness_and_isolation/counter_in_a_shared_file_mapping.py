# goal: write to a module's file through a shared mapping
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# needs: no:only:seccomp module:mmap
# expect: error PermissionError '[Errno 13] Permission denied' alive

import mmap
import os

with open(os.__file__, "rb") as file:
    mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE)
