# goal: have the host load marshalled code as a value
# technique: protocol_values
# field: host-unpickle
# expect: crashed Protocol "the guest broke the protocol: not a value (UnicodeDecodeError)"

import marshal

from wire import done, send

send(done(marshal.dumps(compile("1", "x", "eval"))))
