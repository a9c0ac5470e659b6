# goal: close and remove what is being listed
# technique: filesystem
# needs: engine=wasi
# expect: ok True alive

import os

os.mkdir("d")
for number in range(200):
    open(f"d/{number}", "w").close()
seen = 0
with os.scandir("d") as entries:
    for entry in entries:
        seen += 1
        for number in range(200):
            try:
                os.unlink(f"d/{number}")
            except FileNotFoundError:
                pass
os.rmdir("d")
seen <= 200
