# goal: have the host decode a display before it is charged
# technique: protocol_frames
# field: host-flood
# limits: display=64KiB
# expect: limit display "the guest reached its limit display=65,536" dead

from wire import mute, send, show

mute()
send(show(b'{"dict":["text/plain",{"str":1000000}]}', b"x" * 1_000_000))
