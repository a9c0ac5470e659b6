# goal: report progress that is infinite by a number that overflows
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: fraction is not a number from 0 to 1"

from wire import frame, send

send(frame(b'{"type":"progress","fraction":1e999,"message":""}'))
