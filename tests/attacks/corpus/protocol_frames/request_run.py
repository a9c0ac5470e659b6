# goal: order the host to run code, as the host orders a guest
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a message of an unknown type"

from wire import frame, send

send(frame({"type": "run", "turn": 1}, b'["import os; os.abort()",null,null,null]'))
