# goal: have the host load a pickle as a header
# technique: protocol_frames
# field: host-unpickle
# needs: engine=native
# expect: crashed Protocol "the guest broke the protocol: a header that is not JSON"

import os
import pickle

from wire import frame, send


class Evil:
    def __reduce__(self):
        return os.system, ("id",)


send(frame(pickle.dumps(Evil())))
