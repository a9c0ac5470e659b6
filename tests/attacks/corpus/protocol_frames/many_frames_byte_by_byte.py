# goal: lose the host's place in the stream by cutting frames everywhere
# technique: protocol_frames
# field: host-lying-size
# expect: ok None
# stdout: 'abcdefghij'

from wire import output, send

for letter in b"abcdefghij":
    for number in output(bytes([letter])):
        send(bytes([number]))
