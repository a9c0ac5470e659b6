# goal: raise in the guest's own loop while no turn runs
# technique: signals
# expect: crashed Exit dead
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'ITIMER_REAL'" alive

import signal


def trouble(*_):
    raise RuntimeError("between turns")


signal.signal(signal.SIGALRM, trouble)
signal.setitimer(signal.ITIMER_REAL, 0.02)
# --- next turn after 0.1 s
"took another turn"
