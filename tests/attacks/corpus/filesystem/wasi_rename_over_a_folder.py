# goal: replace a folder that is not empty
# technique: filesystem
# needs: engine=wasi
# expect: error OSError "[Errno 55] Directory not empty: 'a' -> 'b'" alive

import os

os.makedirs("a")
os.makedirs("b/c")
os.rename("a", "b")
