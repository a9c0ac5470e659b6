# goal: abort in a deallocation
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Trap dead

import os


class Bomb:
    def __del__(self):
        os.abort()


bomb = Bomb()
del bomb
