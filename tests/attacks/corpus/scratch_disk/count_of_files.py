# goal: make more files than were given
# technique: scratch_disk
# limits: files=100
# needs: disk
# field: step-many-files
# expect: ok 100 alive

made = 0
try:
    while made < 10_000:
        open(f"file-{made}", "w").close()
        made += 1
except OSError as error:
    print(error.strerror)
made
