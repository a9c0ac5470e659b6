# goal: read a stream of a turn that is over
# technique: streams
# field: host-forged-id
# expect: error ValueError ~".*"

kept = READER
kept.read(10)
# --- next turn
kept.read(3 << 20)
