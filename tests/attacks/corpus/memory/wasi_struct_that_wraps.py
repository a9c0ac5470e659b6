# goal: have a size wrap by a format
# technique: memory
# needs: engine=wasi
# expect: error error "total struct size too long" alive

import struct

struct.calcsize("2147483647d")
