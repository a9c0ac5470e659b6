# goal: use more processor time than the clock on the wall shows
# technique: one_step_bombs
# field: step-threads-forks
# needs: threads
# limits: cpu=0.5 wall=8
# expect: limit cpu ~".*"

import hashlib
import threading


def burn():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 10**7)


for _ in range(4):
    threading.Thread(target=burn, daemon=True).start()
burn()
