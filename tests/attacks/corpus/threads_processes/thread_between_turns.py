# goal: use the processor in a thread while no turn runs
# technique: threads_processes
# needs: threads
# trap: 11
# expect: ok 'idle' alive

import threading
import time


def spin():
    while True:
        pass


threading.Thread(target=spin, daemon=True).start()
before = time.process_time()
# --- next turn after 0.3 s
used = time.process_time() - before
"idle" if used < 0.2 else f"used {used:.1f} s between turns"
