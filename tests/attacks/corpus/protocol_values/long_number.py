# goal: make the host read a number of ten thousand digits
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a number of more than 4400 digits"

from wire import done, send

send(done(b"9" * 10_000))
