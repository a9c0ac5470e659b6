# goal: read from the host into nothing
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: ok 0 alive

from ringfence_guest import _host

_host.receive(bytearray())
