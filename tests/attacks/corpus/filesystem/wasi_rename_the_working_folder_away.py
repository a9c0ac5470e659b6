# goal: move the folder that one is in
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 69] Read-only file system: '/box/tmp' -> '/box/gone'" alive

import os

os.rename("/box/tmp", "/box/gone")
