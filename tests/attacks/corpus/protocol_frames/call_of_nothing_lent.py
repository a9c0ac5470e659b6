# goal: call the host, which lent nothing at all
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a call of a function that was not lent"

from wire import call, send

send(call("echo", b'[["x"],null]'))
