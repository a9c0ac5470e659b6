# goal: let a thread count while no turn runs
# technique: threads_processes
# needs: threads
# expect: ok None

import threading
import time

count = 0


def spin():
    global count
    while True:
        count += 1


threading.Thread(target=spin, daemon=True).start()
# --- next turn
"still here" if count else "never ran"
