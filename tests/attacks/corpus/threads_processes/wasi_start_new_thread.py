# goal: start a thread
# technique: threads_processes
# needs: engine=wasi
# field: step-threads-forks
# expect: error RuntimeError "can't start new thread" alive

import _thread

_thread.start_new_thread(int, ())
