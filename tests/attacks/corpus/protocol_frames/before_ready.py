# goal: speak before the guest has said that it is there
# technique: protocol_frames
# field: host-forged-frame
# needs: engine=native
# expect: crashed Protocol "the guest broke the protocol: ready at the wrong time"

import os
import struct

head = b'{"type":"output","stream":"stdout"}'
os.write(3, struct.pack("<III", len(head), 0, 1) + head + b"x")
