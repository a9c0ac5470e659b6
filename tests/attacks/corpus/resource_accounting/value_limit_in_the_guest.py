# goal: change the guest's own idea of how large a value may be
# technique: resource_accounting
# limits: value=1MiB
# field: host-lying-size
# expect: crashed Protocol dead

import sys

frame = sys._getframe()
while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "link"):
    frame = frame.f_back
frame.f_locals["self"].link.value_limit = 1 << 40
bytes(2 << 20)
