# goal: fill socket pairs, whose buffers are the kernel's
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok ('at most 16 MiB', 'Too many open files') alive
# expect[engine=wasi]: ok ('at most 16 MiB', 'there is no network here: lend a host function that fetches what is needed') alive

import socket

kept = []
filled = 0
try:
    while True:
        pair = socket.socketpair()
        kept.append(pair)
        for one in pair:
            one.setblocking(False)
            try:
                while True:
                    filled += one.send(bytes(65_536))
            except BlockingIOError:
                pass
except OSError as error:
    stopped = error.strerror
("more than 16 MiB" if filled > 16 << 20 else "at most 16 MiB", stopped)
