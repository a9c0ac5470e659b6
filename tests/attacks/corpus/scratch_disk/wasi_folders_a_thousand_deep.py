# goal: overflow the stack by a path
# technique: scratch_disk
# needs: engine=wasi
# limits: files=5000
# expect: ok True alive

import os

depth = 0
try:
    while depth < 4000:
        os.mkdir("d")
        os.chdir("d")
        depth += 1
except OSError:
    pass
os.chdir("/box/tmp")
import shutil

try:
    shutil.rmtree("d")
except (RecursionError, OSError):
    pass
depth > 10
