# goal: remove the folder that one is in
# technique: scratch_disk
# needs: disk
# expect: error OSError "[Errno 30] Read-only file system: '/box/tmp'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: '/box/tmp'" alive

import os

os.rmdir("/box/tmp")
