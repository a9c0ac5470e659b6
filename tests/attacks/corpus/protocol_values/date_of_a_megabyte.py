# goal: send a date of a megabyte
# technique: protocol_values
# field: host-lying-size
# expect: crashed Protocol "the guest broke the protocol: a number of more than 4400 digits"

from wire import done, send

send(done(b'{"date":"' + b"2" * 1_000_000 + b'"}'))
