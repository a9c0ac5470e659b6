# goal: start threads without end
# technique: threads_processes
# needs: threads
# field: step-threads-forks
# expect: error RuntimeError "can't start new thread" alive

import threading

hold = threading.Event()
started = 0
try:
    while started < 1000:
        threading.Thread(target=hold.wait, daemon=True).start()
        started += 1
finally:
    hold.set()
    print(started)
