# goal: keep the host reading frames of nothing
# technique: protocol_frames
# field: host-flood
# expect: crashed Protocol "the guest broke the protocol: a header of 0 bytes"

from wire import send

send(bytes(1_000_000))
