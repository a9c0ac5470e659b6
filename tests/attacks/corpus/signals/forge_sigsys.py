# goal: pretend that seccomp killed it
# technique: signals
# expect: ok 'went on' alive
# expect[engine=wasi]: crashed Trap dead
# expect[no:namespaces]: crashed SIGSYS dead

import signal

signal.raise_signal(signal.SIGSYS)
"went on"
