# goal: start a pool of processes
# technique: threads_processes
# expect: ok None

import concurrent.futures

concurrent.futures.ProcessPoolExecutor(1).submit(int).result()
