# goal: have the host make room for four gigabytes
# technique: protocol_frames
# needs: engine=wasi
# field: host-frame-length
# expect: crashed Protocol ~"the guest broke the protocol: .*" dead

import struct

from ringfence_guest import _host

_host.send(struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF))
_host.wait(-1)
