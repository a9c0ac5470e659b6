# goal: find the processes of others by asking for their processors
# technique: randomness_and_isolation
# twice: equal
# expect: ok ['ENOSYS'] alive

from kernel import call

sorted({str(call("sched_getaffinity", pid, 8, b"\0" * 8)) for pid in range(2, 1000)})
