# goal: have the host read what is no memory
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: error TypeError "a bytes-like object is required, not 'int'" alive

from ringfence_guest import _host

_host.send(1 << 40)
