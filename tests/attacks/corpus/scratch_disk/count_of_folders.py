# goal: make more folders than were given files
# technique: scratch_disk
# limits: files=100
# needs: disk
# field: step-many-files, step-deep-folders
# expect: ok 100 alive

import os

made = 0
try:
    while made < 10_000:
        os.mkdir(f"folder-{made}")
        made += 1
except OSError as error:
    print(error.strerror)
made
