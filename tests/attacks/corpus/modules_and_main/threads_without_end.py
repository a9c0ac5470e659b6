# goal: start threads without end
# technique: modules_and_main
# field: step-threads-forks
# needs: threads
# expect: error RuntimeError "can't start new thread" alive

import threading

stop = threading.Event()
try:
    while True:
        threading.Thread(target=stop.wait, daemon=True).start()
finally:
    stop.set()
