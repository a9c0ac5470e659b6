# goal: start threads without end through the loop's executor
# technique: async_and_waiting
# field: step-threads-forks
# needs: threads
# expect: error RuntimeError "can't start new thread"

import concurrent.futures
import threading

stop = threading.Event()
pool = concurrent.futures.ThreadPoolExecutor(10_000)
try:
    for _ in range(10_000):
        pool.submit(stop.wait)
finally:
    stop.set()
