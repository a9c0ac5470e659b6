# goal: count the guests in the mask of blocked signals
# technique: randomness_and_isolation
# twice: equal
# expect: ok [] alive

import signal

sorted(signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1}))
