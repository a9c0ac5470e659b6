# goal: display a bundle of a thousand media types
# technique: protocol_frames
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a display that is not a bundle"

from wire import send, show

parts = ",".join(f'"type/{number}","x"' for number in range(1_000))
send(show(b'{"dict":[' + parts.encode() + b"]}"))
