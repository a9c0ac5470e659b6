# goal: block every signal in machine code, where the interpreter does not know
# technique: cpu_time
# limits: wall=0.3
# needs: x86_64
# field: step-ignore-signals
# expect: limit wall dead

from kernel import call, execute

call("rt_sigprocmask", 0, b"\xff" * 8, 0, 8)
execute(bytes.fromhex("ebfe"))
