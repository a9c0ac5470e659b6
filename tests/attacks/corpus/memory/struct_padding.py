# goal: ask for padding
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive
# expect[engine=wasi]: error error "total struct size too long" alive

import struct

len(struct.pack("10000000000x"))
