# goal: replace the module that the agent talks through
# technique: guest_agent_tampering
# needs: engine=wasi
# limits: wall=0.5
# expect: crashed Exit "the guest process ended with exit code 71" dead

import ringfence_guest
from ringfence_guest import _host


class Nothing:
    send = receive = wait = leave = None


import ringfence_guest.wasm

ringfence_guest.wasm._host = ringfence_guest._host = Nothing
