# goal: copy a descriptor without end
# technique: resource_accounting
# expect: ok (64, 'Too many open files') alive
# expect[engine=wasi]: ok (4, 'Not supported') alive

import os

copies = 4
try:
    while copies < 10_000:
        os.dup(0)
        copies += 1
except OSError as error:
    stopped = error.strerror
(copies, stopped)
