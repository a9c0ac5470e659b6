# goal: kill oneself
# technique: signals
# expect: ok 'went on' alive
# expect[engine=wasi]: crashed Trap dead
# expect[no:namespaces]: crashed SIGKILL dead

import signal

signal.raise_signal(signal.SIGKILL)
"went on"
