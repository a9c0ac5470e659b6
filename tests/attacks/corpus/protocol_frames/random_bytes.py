# goal: confuse the host with bytes that are no frames
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a header of 1094795585 bytes"

from wire import send

send(b"A" * 100_000)
