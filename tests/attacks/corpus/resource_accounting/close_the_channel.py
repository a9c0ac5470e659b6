# goal: close the channel and spin
# technique: resource_accounting
# limits: wall=0.5
# expect: crashed Disconnected dead
# expect[engine=wasi]: limit wall "the guest reached its limit wall=0.5 s" alive

import os

os.close(3)
while True:
    pass
