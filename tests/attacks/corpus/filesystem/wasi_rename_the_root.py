# goal: move the root
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 28] Invalid argument: '/' -> '/box/tmp/root'" alive

import os

os.rename("/", "/box/tmp/root")
