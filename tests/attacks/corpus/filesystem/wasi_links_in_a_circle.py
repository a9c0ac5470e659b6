# goal: have the host's code follow links for ever
# technique: filesystem
# needs: engine=wasi
# field: kernel-links
# expect: error OSError "[Errno 32] Symbolic link loop: 'a'" alive

import os

os.symlink("b", "a")
os.symlink("a", "b")
open("a")
