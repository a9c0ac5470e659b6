# goal: call with nothing where arguments must be
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call without arguments"

from wire import call, send

send(call("echo", b"null"))
