# goal: write more than the scratch folder holds, in pieces
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# field: step-many-files
# expect: error OSError '[Errno 28] No space left on device' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

for number in range(64):
    with open(f"file-{number}", "wb") as file:
        file.write(bytes(1 << 20))
