# goal: have a traceback dumped when the turn is over
# technique: signals
# needs: threads
# expect: crashed Exit dead

import faulthandler

faulthandler.dump_traceback_later(0.01, exit=True, file=open("trace", "w"))
import time

time.sleep(0.2)
"went on"
