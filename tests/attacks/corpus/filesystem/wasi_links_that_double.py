# goal: have a path grow twofold with each link that is followed
# technique: filesystem
# needs: engine=wasi
# field: kernel-links
# limits: wall=2
# expect: error OSError "[Errno 32] Symbolic link loop: 'l29/file'" alive

import os

os.mkdir("d")
previous = "d"
for number in range(30):
    os.symlink(f"{previous}/../{previous}", f"l{number}")
    previous = f"l{number}"
open(previous + "/file", "w")
