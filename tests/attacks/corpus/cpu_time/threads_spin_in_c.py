# goal: use every processor at once, in code that lets go of the interpreter's lock
# technique: cpu_time
# limits: wall=9 cpu=0.3
# needs: threads
# trap: 12
# expect: limit cpu

import hashlib
import threading


def spin():
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 10**9)


threads = [threading.Thread(target=spin, daemon=True) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
