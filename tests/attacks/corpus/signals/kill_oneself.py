# goal: kill oneself
# technique: signals
# expect: ok None

import signal

signal.raise_signal(signal.SIGKILL)
"went on"
