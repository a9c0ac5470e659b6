# goal: start many threads one after the other, to wear the limit out
# technique: threads_processes
# needs: threads
# expect: ok 500 alive

import threading

started = 0
for _ in range(500):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    started += 1
started
