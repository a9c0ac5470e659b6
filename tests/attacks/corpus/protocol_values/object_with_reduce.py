# goal: return an object that runs a command when it is unpickled
# technique: protocol_values
# field: host-unpickle
# expect: ok Opaque(Evil: x)

import os


class Evil:
    def __reduce__(self):
        return os.system, ("id",)

    def __repr__(self):
        return "x"


Evil()
