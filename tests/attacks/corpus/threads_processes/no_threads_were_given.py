# goal: start a thread where none was given
# technique: threads_processes
# limits: threads=0
# field: step-threads-forks
# expect: error RuntimeError "can't start new thread" alive
# expect[engine=wasi]: error RuntimeError "thread already started" alive

import threading

threading.Thread(target=print).start()
