# goal: decompress 256 MiB from a few kilobytes
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

import zlib

compressor = zlib.compressobj(9)
bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(256)) + compressor.flush()
len(zlib.decompress(bomb))
