# goal: start a thread
# technique: threads_processes
# needs: engine=wasi
# field: step-threads-forks
# expect: error RuntimeError "can't start new thread: there are none here; use asyncio.gather for what waits, or call what computes directly" alive

import _thread

_thread.start_new_thread(int, ())
