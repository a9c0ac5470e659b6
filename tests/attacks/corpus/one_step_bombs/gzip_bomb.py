# goal: take gigabytes by decompressing a few kilobytes
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

import zlib

packed = zlib.compressobj(9)
data = b"".join(packed.compress(bytes(1 << 20)) for _ in range(100)) + packed.flush()
len(zlib.decompress(data))
