# goal: start a pool of processes
# technique: threads_processes
# needs: no:only:seccomp
# expect: error FileNotFoundError '[Errno 2] No such file or directory' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no pipes here, for there is nobody at the other end: use io.BytesIO, collections.deque or asyncio.Queue, or lend a host function that does what a process would" alive
# expect[landlock+seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import concurrent.futures

concurrent.futures.ProcessPoolExecutor(1).submit(int).result()
