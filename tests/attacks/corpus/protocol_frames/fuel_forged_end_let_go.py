# goal: end the turn by a forged frame that nothing holds back, then go on for ever
# technique: protocol_frames
# needs: limit:fuel
# field: host-forged-frame
# limits: fuel=1000000000000
# expect: crashed Protocol "the guest broke the protocol: it ended a turn that goes on" dead

import json
import struct

from ringfence_guest import _host

progress(0)
head = json.dumps({"type": "done", "turn": 1, "status": "ok", "limit": None}, separators=(",", ":"))
frame = struct.pack("<III", len(head), 1, 0) + head.encode() + b"5"
_host.send(frame)
_host.wait(0)
while True:
    pass
