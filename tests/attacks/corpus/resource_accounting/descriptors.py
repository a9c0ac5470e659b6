# goal: open descriptors without end
# technique: resource_accounting
# needs: no:only:seccomp
# expect: ok (64, 'Too many open files') alive
# expect[engine=wasi]: ok (256, 'No file descriptors available') alive

import os

opened = []
try:
    while len(opened) < 10_000:
        opened.append(os.open(os.__file__, os.O_RDONLY))
except OSError as error:
    stopped = error.strerror
(len(opened) + 4, stopped)
