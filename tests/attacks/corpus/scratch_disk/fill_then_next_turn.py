# goal: fill the scratch folder, so that the next turn cannot begin
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: ok True alive

try:
    with open("file", "wb") as file:
        while True:
            file.write(bytes(1 << 16))
except OSError:
    pass
# --- next turn
import os

print("went on")
os.path.getsize("file") <= 4 << 20
