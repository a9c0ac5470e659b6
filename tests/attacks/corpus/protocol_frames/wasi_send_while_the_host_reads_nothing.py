# goal: write until the host's socket is full while it works for the guest
# technique: protocol_frames
# needs: engine=wasi
# functions: pause
# limits: wall=1
# expect: limit wall

from ringfence_guest import _host

_host.send(b"\0" * 0)
_host.receive(bytearray(1 << 20))
