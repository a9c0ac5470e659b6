# goal: move a folder into itself
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 28] Invalid argument: 'a' -> 'a/b/c'" alive

import os

os.makedirs("a/b")
os.rename("a", "a/b/c")
