# goal: keep the interpreter for one thread
# technique: modules_and_main
# needs: threads
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s"

import sys

sys.setswitchinterval(10**6)
while True:
    pass
