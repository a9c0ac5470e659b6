# goal: start another interpreter in the same memory
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: ok 2 alive

try:
    import _interpreters

    _interpreters.create()
except Exception:
    pass
# --- next turn
1 + 1
