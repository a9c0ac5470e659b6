# goal: start a pool of processes
# technique: threads_processes
# needs: no:only:seccomp
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[landlock+seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import concurrent.futures

concurrent.futures.ProcessPoolExecutor(1).submit(int).result()
