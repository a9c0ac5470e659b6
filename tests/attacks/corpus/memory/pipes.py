# goal: fill pipes, whose buffers are the kernel's
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok (1, 'Too many open files') alive
# expect[engine=wasi]: ok (0, 'there are no pipes here, for there is nobody at the other end: use io.BytesIO, collections.deque or asyncio.Queue, or lend a host function that does what a process would') alive

import os

filled = 0
try:
    while True:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        try:
            while True:
                filled += os.write(writing, bytes(65_536))
        except BlockingIOError:
            pass
except OSError as error:
    stopped = error.strerror
(filled >> 20, stopped)
