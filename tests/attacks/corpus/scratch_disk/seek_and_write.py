# goal: write one byte far away
# technique: scratch_disk
# needs: disk
# field: step-sparse-seek, step-huge-file
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

with open("file", "wb") as file:
    file.seek(1 << 40)
    file.write(b"x")
