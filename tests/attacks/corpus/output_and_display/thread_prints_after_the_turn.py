# goal: print into the result of the next turn
# technique: output_and_display
# field: host-forged-frame
# needs: threads
# expect: ok 7

import threading
import time

started = threading.Event()


def work():
    started.set()
    while True:
        print("late", flush=True)
        time.sleep(0.001)


threading.Thread(target=work, daemon=True).start()
started.wait()
# --- next turn
7
