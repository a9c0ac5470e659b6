# goal: boot the guest once more
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Protocol "the guest broke the protocol: ready at the wrong time" dead

import ringfence_guest.wasm

try:
    ringfence_guest.wasm.boot()
except Exception:
    pass
# --- next turn
1 + 1
