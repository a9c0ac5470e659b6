# goal: call with named arguments whose names are numbers
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call without arguments"

from wire import call, send

send(call("echo", b'[[],{"dict":[1,"x"]}]'))
