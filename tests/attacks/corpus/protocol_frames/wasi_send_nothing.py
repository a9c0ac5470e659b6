# goal: send nothing, many times
# technique: protocol_frames
# needs: engine=wasi
# field: host-flood
# expect: ok [0, 0, 0] alive

from ringfence_guest import _host

[_host.send(b"") for _ in range(100_000)][-3:]
