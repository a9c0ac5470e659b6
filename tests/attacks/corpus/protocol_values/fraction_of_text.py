# goal: send a Fraction as text that Fraction() would read
# technique: protocol_values
# field: host-forged-frame
# trap: 8
# expect: crashed Protocol "the guest broke the protocol: a tag with the wrong content"

from wire import done, send

send(done(b'{"fraction":"1e5000000"}'))
