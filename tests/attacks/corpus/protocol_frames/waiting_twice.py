# goal: stop the clock twice
# technique: protocol_frames
# field: host-forged-frame
# trap: 11
# functions: pause_async
# expect: crashed Protocol "the guest broke the protocol: waiting at the wrong time"

from wire import call, frame, send

send(call("pause_async", b"[[60],null]"), frame({"type": "waiting", "seen": 0}) * 2)
