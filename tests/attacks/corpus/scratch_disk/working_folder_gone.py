# goal: go on where there is no folder any more
# technique: scratch_disk
# needs: disk
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[engine=wasi]: ok '/box/tmp/gone' alive

import os

os.mkdir("gone")
os.chdir("gone")
os.rmdir("../gone")
# --- next turn
os.getcwd()
