# goal: have the host write into what cannot be changed
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: error BufferError "Object is not writable." alive

from ringfence_guest import _host

_host.receive(b"constant")
