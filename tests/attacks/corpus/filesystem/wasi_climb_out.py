# goal: climb out of the file system in memory
# technique: filesystem
# needs: engine=wasi
# field: kernel-links
# expect: ok ['box', 'lib', 'packages', 'ringfence', 'tmp'] alive

import os

sorted(os.listdir("../" * 500))
