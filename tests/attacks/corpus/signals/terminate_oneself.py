# goal: end by SIGTERM
# technique: signals
# expect: ok None

import signal

signal.raise_signal(signal.SIGTERM)
"went on"
