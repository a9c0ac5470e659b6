# goal: write more than the scratch folder holds
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 27] File too large' alive

with open("file", "wb") as file:
    for _ in range(64):
        file.write(bytes(1 << 20))
