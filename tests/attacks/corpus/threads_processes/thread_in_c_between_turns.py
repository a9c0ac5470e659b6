# goal: use every processor in C while no turn runs
# technique: threads_processes
# needs: threads
# trap: 11
# expect: ok 'idle' alive

import hashlib
import threading
import time

for _ in range(4):
    threading.Thread(
        target=hashlib.pbkdf2_hmac, args=("sha256", b"password", b"salt", 10**9), daemon=True
    ).start()
before = time.process_time()
# --- next turn after 0.3 s
used = time.process_time() - before
"idle" if used < 0.2 else f"used {used:.1f} s between turns"
