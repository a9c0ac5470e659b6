# goal: leave a tree that is hard to remove
# technique: scratch_disk
# limits: files=500
# needs: disk
# field: step-deep-folders
# expect: ok 'left' alive

import os

try:
    while True:
        os.mkdir("d")
        os.chdir("d")
except OSError:
    open_folder = os.open(".", os.O_RDONLY)
"left"
