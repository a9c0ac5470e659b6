# goal: end by SIGTERM
# technique: signals
# expect: ok 'went on' alive
# expect[engine=wasi]: crashed Trap dead
# expect[no:namespaces]: crashed SIGTERM dead

import signal

signal.raise_signal(signal.SIGTERM)
"went on"
