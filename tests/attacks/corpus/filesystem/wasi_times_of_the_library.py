# goal: change the times of the library's files
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/os.py'" alive

import os

os.utime(os.__file__, (0, 0))
