# goal: print while no turn runs, into the output of whoever comes next
# technique: signals
# expect: ok 'took another turn' alive
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'ITIMER_REAL'" alive

import signal

signal.signal(signal.SIGALRM, lambda *_: print("between turns"))
signal.setitimer(signal.ITIMER_REAL, 0.02)
# --- next turn after 0.1 s
"took another turn"
