# goal: run a turn of one's own inside the host's
# technique: guest_agent_tampering
# field: host-forged-id
# trap: 30
# expect: crashed Protocol "the guest broke the protocol: the end of another turn"

from ringfence_guest.protocol.codec import encode
from ringfence_guest.protocol.framing import Frame

body = encode(["1", None, None, None], limit=1 << 20).body
progress.__self__.handle(Frame({"type": "run", "turn": 2}, body, b""))
