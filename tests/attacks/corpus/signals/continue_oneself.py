# goal: be stopped by the host between turns, and go on by oneself
# technique: signals
# needs: threads
# expect: ok 'idle' alive

import os
import signal
import threading
import time


def spin():
    while True:
        try:
            signal.raise_signal(signal.SIGCONT)
        except Exception:
            pass


threading.Thread(target=spin, daemon=True).start()
before = time.process_time()
# --- next turn after 1 s
used = time.process_time() - before
"idle" if used < 0.3 else "computed between turns"
