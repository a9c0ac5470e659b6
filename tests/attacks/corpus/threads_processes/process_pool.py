# goal: start a pool of processes
# technique: threads_processes
# needs: no:only:seccomp
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[engine=wasi]: error NotImplementedError "This Python build lacks multiprocessing.synchronize, usually due to named semaphores being unavailable on this platform." alive
# expect[landlock+seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import concurrent.futures

concurrent.futures.ProcessPoolExecutor(1).submit(int).result()
