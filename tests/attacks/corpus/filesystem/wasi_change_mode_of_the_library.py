# goal: make the library writable
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/os.py'" alive

import os

os.chmod(os.__file__, 0o777)
open(os.__file__, "a")
