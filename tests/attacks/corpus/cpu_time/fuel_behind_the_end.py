# goal: compute behind the frame that ends the turn, where nobody would count
# technique: cpu_time
# needs: limit:fuel
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

import sys

frame = sys._getframe()
while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "link"):
    frame = frame.f_back
link = frame.f_locals["self"].link
write = link._write


def write_and_go_on(buffers):
    write(buffers)
    if b'"done"' in b"".join(buffers):
        while True:
            pass


link._write = write_and_go_on
