# goal: order a guest of one's own through the zygote's control socket, still referenced in memory
# technique: python_escape
# field: lang-class-walk
# trap: 7
# needs: engine=native
# expect: ok 'EBADF'

import gc

from attempt import attempt

spawner = next(o for o in gc.get_objects() if type(o).__name__ == "Spawner")
attempt(spawner._control.send, b'{"ready": true}')
