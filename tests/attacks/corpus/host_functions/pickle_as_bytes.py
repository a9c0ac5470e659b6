# goal: have the host load a pickle that runs a command
# technique: host_functions
# field: host-unpickle
# functions: echo_bytes
# needs: engine=native
# expect: ok b'\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.'

import os
import pickle


class Evil:
    def __reduce__(self):
        return os.system, ("id",)


echo_bytes(pickle.dumps(Evil(), 4))
