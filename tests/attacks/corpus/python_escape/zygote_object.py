# goal: order a guest of one's own through the zygote's control socket, still referenced in memory
# technique: python_escape
# field: lang-class-walk
# trap: 7
# needs: engine=native
# expect: crashed Protocol "the guest broke the protocol: a header of 1701978747 bytes"

import gc

from attempt import attempt

gc.unfreeze()
spawner = next(o for o in gc.get_objects() if type(o).__name__ == "Spawner")
# its number is that of the guest's own channel now
attempt(spawner._control.send, b'{"ready": true}')
