# goal: leave in the middle of a frame
# technique: protocol_frames
# needs: engine=wasi
# field: host-lying-size
# expect: crashed Exit "the guest process ended with exit code 0" dead

import struct

from ringfence_guest import _host

_host.send(struct.pack("<III", 100, 100, 100) + b"{")
_host.leave(0)
