# goal: write to a stream of a turn that is over
# technique: streams
# field: host-forged-id
# expect: error ValueError ~".*"

kept = WRITER
kept.write(b"x")
# --- next turn
kept.write(b"x" * (2 << 20))
kept.flush()
