# goal: hide nesting behind quotes that are escaped
# technique: protocol_values
# field: host-nesting
# trap: 16
# expect: crashed Protocol "the guest broke the protocol: a value nested deeper than 64"

from wire import done, send

send(done(b'["' + b'\\"' * 5_000 + b'",' + b"[" * 5_000))
