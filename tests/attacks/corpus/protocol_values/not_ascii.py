# goal: send text that is not the form agreed upon
# technique: protocol_values
# field: host-utf8
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

from wire import done, send

send(done('"é"'.encode()))
