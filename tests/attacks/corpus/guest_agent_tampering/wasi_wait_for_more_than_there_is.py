# goal: wait for a time that is no number of the host's
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: error OverflowError "int too big to convert" alive

from ringfence_guest import _host

_host.wait(1 << 63)
