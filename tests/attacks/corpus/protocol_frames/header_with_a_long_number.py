# goal: make the host read a number of sixty thousand digits
# technique: protocol_frames
# field: host-lying-size
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a header that is not JSON"

from wire import frame, send

send(frame(b'{"type":"done","turn":' + b"9" * 60_000 + b',"status":"ok","limit":null}', b"1"))
