# goal: seek far in a file that is in memory, then write
# technique: memory
# limits: memory=64MiB
# field: step-sparse-seek
# expect: limit memory alive
# expect[engine=wasi]: error OverflowError "Python int too large to convert to C ssize_t" alive

import io

file = io.BytesIO()
file.seek(1 << 40)
file.write(b"x")
