# goal: start a worker by fork
# technique: threads_processes
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no pipes here, for there is nobody at the other end: use io.BytesIO, collections.deque or asyncio.Queue, or lend a host function that does what a process would" alive

import multiprocessing

multiprocessing.get_context("fork").Process(target=print).start()
