# goal: end the guest with a code that no process has
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 0" dead

from ringfence_guest import _host

_host.leave(1 << 30)
