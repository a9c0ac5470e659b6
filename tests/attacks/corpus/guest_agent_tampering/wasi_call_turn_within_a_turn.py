# goal: have a turn within the turn
# technique: guest_agent_tampering
# needs: engine=wasi
# limits: wall=0.5
# expect: limit wall

import ringfence_guest.wasm

ringfence_guest.wasm.turn()
