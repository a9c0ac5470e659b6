# goal: write garbage to the host through the module that the engine lends
# technique: protocol_frames
# needs: engine=wasi
# field: host-forged-frame
# trap: 26
# expect: crashed Protocol ~"the guest broke the protocol: .*" dead

from ringfence_guest import _host

_host.send(b"\xff" * 4096)
