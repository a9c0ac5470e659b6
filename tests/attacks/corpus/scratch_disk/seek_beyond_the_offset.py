# goal: write beyond what an offset can be
# technique: scratch_disk
# needs: disk
# field: step-sparse-seek
# expect: error OSError '[Errno 22] Invalid argument' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

with open("file", "wb", buffering=0) as file:
    file.seek((1 << 63) - 1)
    file.write(b"x")
