# goal: write to the library through a link
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 69] Read-only file system: '/lib/python3.13/os.py' -> 'mine.py'" alive

import os

os.link(os.__file__, "mine.py")
open("mine.py", "w").write("planted")
