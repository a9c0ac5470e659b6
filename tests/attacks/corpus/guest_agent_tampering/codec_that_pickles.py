# goal: send results as pickles, from a codec of the guest's own
# technique: guest_agent_tampering
# field: host-unpickle
# trap: 30
# needs: engine=native
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

import os
import pickle

from ringfence_guest.protocol import codec


class Evil:
    def __reduce__(self):
        return os.system, ("id",)


codec.encode = lambda value, **options: codec.Packed(pickle.dumps(Evil()), [], 0)
None
