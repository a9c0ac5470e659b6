# goal: have the host fill two gigabytes with random bytes
# technique: memory
# needs: engine=wasi
# expect: limit memory alive

import os

os.urandom((1 << 31) - 40)
