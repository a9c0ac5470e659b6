# goal: use the number of a call a second time
# technique: protocol_frames
# field: host-forged-id
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call with a number that was used before"

from wire import call, send

send(call("echo", b'[["x"],null]', id=5), call("echo", b'[["x"],null]', id=5))
