# goal: read the host's answers before the agent does
# technique: streams
# needs: engine=wasi
# functions: echo
# limits: wall=0.5
# expect: limit wall

import json
import struct

from ringfence_guest import _host

progress(0)
head = json.dumps({"type": "call", "id": 0, "name": "echo", "waits": False}).encode()
body = b'[["x"],null]'
_host.send(struct.pack("<III", len(head), len(body), 0) + head + body)
got = bytearray(4096)
size = _host.receive(got)
assert b'"x"' in bytes(got[:size]), bytes(got[:size])
_host.receive(got)
