# goal: count the guests in the mask of blocked signals
# technique: randomness_and_isolation
# twice: equal
# expect: ok [] alive
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'pthread_sigmask'" alive

import signal

sorted(signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1}))
