# goal: wait with a newer call
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("epoll_pwait2", 3, b"\0" * 12, 1, 0, 0)
