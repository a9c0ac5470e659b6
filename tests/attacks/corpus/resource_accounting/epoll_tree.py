# goal: nest what waits for descriptors, to make the kernel walk
# technique: resource_accounting
# expect: ok 'stopped' alive

import select

try:
    pools = [select.epoll() for _ in range(50)]
    for outer in pools:
        for inner in pools:
            if inner is not outer:
                outer.register(inner.fileno())
except OSError:
    answer = "stopped"
else:
    answer = "nested"
answer
