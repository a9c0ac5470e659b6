# goal: find the processes of others by asking for their clocks
# technique: randomness_and_isolation
# twice: equal
# expect: ok ['EPERM'] alive

from kernel import call

sorted({str(call("clock_getres", ~pid << 3 | 2, b"\0" * 16)) for pid in range(2, 1000)})
