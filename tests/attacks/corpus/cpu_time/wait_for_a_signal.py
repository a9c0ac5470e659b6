# goal: pause until a signal comes
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: ok None

import signal

signal.pause()
"a signal came"
