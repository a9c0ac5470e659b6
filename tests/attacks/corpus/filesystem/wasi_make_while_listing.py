# goal: have a listing never end
# technique: filesystem
# needs: engine=wasi
# limits: wall=2
# expect: error OSError "[Errno 51] No space left on device: 'd/999'" alive

import os

os.mkdir("d")
open("d/0", "w").close()
number = 0
while True:
    with os.scandir("d") as entries:
        for entry in entries:
            number += 1
            open(f"d/{number}", "w").close()
