# goal: make a file larger than the scratch folder
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# field: step-huge-file
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

with open("file", "wb") as file:
    file.truncate(1 << 32)
