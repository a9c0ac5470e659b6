# goal: read from the host for ever
# technique: guest_agent_tampering
# needs: engine=wasi
# limits: wall=0.3
# expect: limit wall dead

from ringfence_guest import _host

while True:
    _host.receive(bytearray(10))
