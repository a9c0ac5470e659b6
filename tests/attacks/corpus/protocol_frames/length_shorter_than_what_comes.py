# goal: hide a second frame behind a length that is too short
# technique: protocol_frames
# field: host-lying-size
# expect: crashed Protocol ~"the guest broke the protocol: a header of \\d+ bytes"

from wire import frame, send

send(frame({"type": "output", "stream": "stdout"}, b"", b"x" * 100, lengths=(38, 0, 10)))
