# goal: replace what the host calls for each request
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: ok 2 alive

import ringfence_guest.wasm


def turn():
    raise ValueError("no turn")


ringfence_guest.wasm.turn = turn
# --- next turn
1 + 1
