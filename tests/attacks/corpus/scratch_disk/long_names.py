# goal: use names that are as long as they may be
# technique: scratch_disk
# limits: files=300
# needs: disk
# field: step-many-files
# expect: ok 300 alive

made = 0
try:
    while made < 10_000:
        open(f"{made:0>255}", "w").close()
        made += 1
except OSError as error:
    print(error.strerror)
made
