# goal: wait in the kernel, below the interpreter
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive

from kernel import call

while True:
    call("futex", b"\0" * 4, 0, 0, 0, 0, 0)
