# goal: find processes by asking for their processors
# technique: kernel_calls
# expect: ok 'ENOSYS' alive

from kernel import call

call("sched_getaffinity", 2, 128, b"\0" * 128)
