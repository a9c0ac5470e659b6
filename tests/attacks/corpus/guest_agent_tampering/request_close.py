# goal: leave as if the host had asked for it
# technique: guest_agent_tampering
# expect: crashed Exit

from ringfence_guest.protocol.framing import Frame

progress.__self__.handle(Frame({"type": "close"}, b"", b""))
