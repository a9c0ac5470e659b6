# goal: send oneself the signal that the host sends
# technique: signals
# expect: error KeyboardInterrupt '' alive

import signal

signal.raise_signal(signal.SIGINT)
"went on"
