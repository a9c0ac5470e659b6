# goal: end the turn by a forged frame, then go on for ever
# technique: protocol_frames
# needs: limit:fuel
# field: host-forged-frame
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

import json
import struct

from ringfence_guest import _host

progress(0)
head = json.dumps({"type": "done", "turn": 1, "status": "ok", "limit": None}, separators=(",", ":"))
frame = struct.pack("<III", len(head), 1, 0) + head.encode() + b"5"
_host.send(frame)
while True:
    pass
