# goal: have an alarm ring when the turn is over
# technique: signals
# expect: ok None

import signal

rang = []
signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.0001)
# --- next turn
"took another turn"
