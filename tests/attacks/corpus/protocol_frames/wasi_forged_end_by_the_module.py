# goal: end the turn by a forged frame, then go on for ever
# technique: protocol_frames
# needs: engine=wasi
# field: host-forged-frame
# limits: wall=0.5
# trap: 11
# expect: ok 5

import json
import struct

from ringfence_guest import _host

progress(0)
head = json.dumps({"type": "done", "turn": 1, "status": "ok", "limit": None}).encode()
_host.send(struct.pack("<III", len(head), 1, 0) + head + b"5")
while True:
    pass
