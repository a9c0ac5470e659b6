# goal: start a worker by spawning an interpreter
# technique: threads_processes
# expect: ok None

import multiprocessing

multiprocessing.get_context("spawn").Process(target=print).start()
