# goal: make folders whose path is longer than any path may be
# technique: scratch_disk
# limits: files=200
# needs: disk
# field: step-deep-folders
# expect: ok 200 alive
# expect[engine=wasi]: ok 15 alive

import os

depth = 0
try:
    while depth < 10_000:
        os.mkdir("d" * 255)
        os.chdir("d" * 255)
        depth += 1
except OSError as error:
    print(error.strerror)
depth
