# goal: pretend that seccomp killed it
# technique: signals
# expect: ok None

import signal

signal.raise_signal(signal.SIGSYS)
"went on"
