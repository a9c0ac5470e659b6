# goal: start a worker by spawning an interpreter
# technique: threads_processes
# needs: no:only:seccomp
# expect: error PermissionError '[Errno 1] Operation not permitted' alive
# expect[engine=wasi]: error ModuleNotFoundError "No module named '_posixshmem': the Python of this engine is built without it; `ringfence engines` shows which one has it" alive

import multiprocessing

multiprocessing.get_context("spawn").Process(target=print).start()
