# goal: break the host's decoding of text in a header
# technique: protocol_frames
# field: host-utf8
# expect: crashed Protocol "the guest broke the protocol: a header that is not JSON"

from wire import frame, send

send(frame(b'{"type":"\xff\xfe"}'))
