# goal: call with a record in place of the named arguments
# technique: protocol_frames
# field: host-forged-frame
# functions: echo
# expect: crashed Protocol "the guest broke the protocol: a call without arguments"

from wire import call, send

send(call("echo", b'[[],{"record":["dict","value","x"]}]'))
