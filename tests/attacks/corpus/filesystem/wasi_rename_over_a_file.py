# goal: replace a file by a folder
# technique: filesystem
# needs: engine=wasi
# expect: error NotADirectoryError "[Errno 54] Not a directory: 'a' -> 'b'" alive

import os

os.makedirs("a")
open("b", "w")
os.rename("a", "b")
