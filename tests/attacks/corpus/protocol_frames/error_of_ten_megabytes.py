# goal: report an error with a message of ten megabytes
# technique: protocol_frames
# field: host-long-error
# expect: crashed Protocol "the guest broke the protocol: an error that is too long"

from wire import done, send

send(done(b'["E",{"str":10000000},""]', b"x" * 10_000_000, status="error"))
