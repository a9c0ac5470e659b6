# goal: have a pool start a thousand threads
# technique: threads_processes
# needs: threads
# field: step-threads-forks
# expect: ok 8 alive

import concurrent.futures
import threading

hold = threading.Event()
pool = concurrent.futures.ThreadPoolExecutor(1000)
started = 0
try:
    while started < 1000:
        pool.submit(hold.wait)
        started += 1
except RuntimeError as error:
    pass
hold.set()
started
