# goal: wait for centuries
# technique: guest_agent_tampering
# needs: engine=wasi
# limits: wall=0.3
# expect: limit wall alive

from ringfence_guest import _host

_host.wait((1 << 63) - 1)
