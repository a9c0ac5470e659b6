# goal: write more than the scratch folder holds
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 27] File too large' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

with open("file", "wb") as file:
    for _ in range(64):
        file.write(bytes(1 << 20))
