# goal: fill the host's memory with displays of one letter
# technique: protocol_frames
# field: host-flood
# trap: 16
# limits: display=64KiB
# expect: limit display "the guest reached its limit display=65,536" dead

from wire import mute, send, show

mute()
many = show(b'{"dict":["a","b"]}') * 1_000
for _ in range(1_000):
    send(many)
