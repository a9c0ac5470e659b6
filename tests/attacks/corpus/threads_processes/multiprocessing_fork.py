# goal: start a worker by fork
# technique: threads_processes
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'WNOHANG'" alive

import multiprocessing

multiprocessing.get_context("fork").Process(target=print).start()
