# goal: inflate two gigabytes at once
# technique: memory
# needs: engine=wasi
# limits: memory=32MiB
# expect: limit memory alive

import zlib

packer = zlib.compressobj(9)
small = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
zlib.decompress(small)
