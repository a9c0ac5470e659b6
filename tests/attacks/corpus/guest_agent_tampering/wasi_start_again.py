# goal: start the guest once more
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: ok 0 alive

import ringfence_guest.wasm

ringfence_guest.wasm.start()
