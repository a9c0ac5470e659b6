# goal: have the host load a pickle from a blob
# technique: protocol_frames
# field: host-unpickle
# expect: crashed Protocol "the guest broke the protocol: bytes that the value does not refer to"

import pickle

from wire import done, send

send(done(b"null", pickle.dumps(print)))
