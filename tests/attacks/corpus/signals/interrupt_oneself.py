# goal: send oneself the signal that the host sends
# technique: signals
# expect: ok None

import signal

signal.raise_signal(signal.SIGINT)
"went on"
