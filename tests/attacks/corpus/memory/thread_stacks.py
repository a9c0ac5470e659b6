# goal: take memory through the stacks of threads
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: error RuntimeError "can't start new thread" alive
# expect[engine=wasi]: error RuntimeError "can't start new thread: there are none here; use asyncio.gather for what waits, or call what computes directly" alive

import threading

threading.stack_size(64 << 20)
threads = [threading.Thread(target=print) for _ in range(8)]
for thread in threads:
    thread.start()
"started"
