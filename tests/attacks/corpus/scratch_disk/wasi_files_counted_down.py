# goal: get files back that were never there
# technique: scratch_disk
# needs: engine=wasi
# limits: files=10
# expect: error OSError "[Errno 51] No space left on device: 'f9'" alive

import os

for _ in range(100):
    try:
        os.unlink("nothing")
    except FileNotFoundError:
        pass
    open("f", "w").close()
    os.rename("f", "g")
for number in range(100):
    open(f"f{number}", "w").close()
