# goal: flood the host with frames that print nothing
# technique: protocol_frames
# needs: engine=wasi
# field: host-flood
# limits: output=100000
# expect: limit output

import json
import struct

from ringfence_guest import _host

progress(0)
head = json.dumps({"type": "output", "stream": "stdout"}).encode()
frame = struct.pack("<III", len(head), 0, 0) + head
while True:
    _host.send(frame)
