# goal: take gigabytes by reading a member of an archive
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# needs: module:lzma
# expect: limit memory ~".*" alive

import io
import lzma

data = lzma.compress(bytes(16 << 20))
for _ in range(3):
    data = lzma.compress(data)
len(lzma.decompress(lzma.compress(bytes(16 << 20)) * 100))
