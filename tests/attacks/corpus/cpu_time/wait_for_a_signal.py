# goal: pause until a signal comes
# technique: cpu_time
# limits: wall=0.3
# field: step-sleep
# expect: limit wall alive
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'pause'" alive

import signal

signal.pause()
"a signal came"
