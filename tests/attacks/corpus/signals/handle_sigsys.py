# goal: catch the signal of a killed call
# technique: signals
# field: step-ignore-signals
# expect: crashed SIGSYS dead

import signal

from kernel import call

signal.signal(signal.SIGSYS, lambda *_: None)
call("ptrace", 0)
