# goal: count the guests in the handler of a signal
# technique: randomness_and_isolation
# twice: equal
# expect: ok 'default' alive

import signal

before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
"default" if before == signal.SIG_DFL else "changed"
