# goal: close the channel and spin
# technique: resource_accounting
# limits: wall=0.5
# expect: crashed Disconnected dead

import os

os.close(3)
while True:
    pass
