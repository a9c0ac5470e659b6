# goal: write after the end of the stream
# technique: streams
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from wire import frame, send

WRITER
end = {"type": "data", "stream": 0, "eof": True, "waits": False}
send(frame(end, b"", b"x"), frame(end, b"", b"x"))
