# goal: take the agent away
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 71" dead

import ringfence_guest.wasm

del ringfence_guest.wasm._agent
# --- next turn
1 + 1
