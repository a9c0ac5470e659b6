# goal: make the search for the ends of texts take quadratic time
# technique: protocol_values
# field: host-nesting, step-regex
# expect: crashed Protocol "the guest broke the protocol: a value nested deeper than 64"

from wire import done, send

send(done(b"[" * 200 + b'"' + b'\\"' * 2_000_000))
