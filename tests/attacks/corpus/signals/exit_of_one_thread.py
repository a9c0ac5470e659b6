# goal: end the main thread alone, and leave another running
# technique: signals
# needs: threads, x86_64
# limits: wall=0.3
# field: step-sleep
# expect: limit wall dead

import threading
import time

from kernel import call

threading.Thread(target=time.sleep, args=(60,)).start()
call("exit", 0)
