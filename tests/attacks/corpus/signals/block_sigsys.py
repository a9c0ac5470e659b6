# goal: block the signal of a killed call
# technique: signals
# field: step-ignore-signals
# expect: crashed SIGSYS dead

import signal

from kernel import call

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGSYS})
call("ptrace", 0)
