# goal: make a million empty files
# technique: scratch_disk
# needs: disk
# field: step-many-files
# expect: error OSError "[Errno 28] No space left on device: 'file-1000'" alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device: 'file-1000'" alive

for number in range(10**6):
    open(f"file-{number}", "w").close()
