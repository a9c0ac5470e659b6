# goal: start a thread where none was given
# technique: threads_processes
# limits: threads=0
# field: step-threads-forks
# expect: ok None

import threading

threading.Thread(target=print).start()
