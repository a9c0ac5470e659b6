# goal: have the host load a pickle as a value
# technique: protocol_values
# field: host-unpickle
# needs: engine=native
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

import os
import pickle

from wire import done, send


class Evil:
    def __reduce__(self):
        return os.system, ("id",)


send(done(pickle.dumps(Evil())))
