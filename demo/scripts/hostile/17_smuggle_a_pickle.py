# tries: return an object that runs a command when the host unpickles it
# stands: no pickle: unknown types arrive as their name and repr
# expect: ok Opaque
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch " + TARGET["folder"] + "/owned",)


Bomb()
