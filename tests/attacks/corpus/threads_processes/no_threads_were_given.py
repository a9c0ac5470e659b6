# goal: start a thread where none was given
# technique: threads_processes
# limits: threads=0
# field: step-threads-forks
# expect: error RuntimeError "can't start new thread" alive
# expect[engine=wasi]: error RuntimeError "can't start new thread: there are none here; use asyncio.gather for what waits, or call what computes directly" alive

import threading

threading.Thread(target=print).start()
