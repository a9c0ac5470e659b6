# goal: start a worker by fork
# technique: threads_processes
# expect: ok None

import multiprocessing

multiprocessing.get_context("fork").Process(target=print).start()
