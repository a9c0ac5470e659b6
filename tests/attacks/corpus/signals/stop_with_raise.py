# goal: stop by raising the signal
# technique: signals
# limits: wall=0.3
# field: step-sleep
# expect: ok 'went on' alive
# expect[engine=wasi]: crashed Trap dead
# expect[no:namespaces]: limit wall dead

import signal

signal.raise_signal(signal.SIGSTOP)
"went on"
