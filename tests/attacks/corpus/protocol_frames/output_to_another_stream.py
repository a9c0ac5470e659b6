# goal: write to the host's own log
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: output to an unknown stream"

from wire import output, send

send(output(b"x", "../log"))
