# goal: send a value with the output, uncharged
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a output with a payload"

from wire import frame, send

send(frame({"type": "output", "stream": "stdout"}, b"1" * 1_000, b"x"))
