# goal: pass a number that is equal to a used one and is no whole number
# technique: protocol_frames
# field: host-forged-id
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: id is not a small natural number"

from wire import call, send

send(call("echo", b'[["x"],null]', id=1.0))
