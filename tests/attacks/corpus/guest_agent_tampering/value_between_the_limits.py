# goal: send a value that fits into a frame but not into the limit
# technique: guest_agent_tampering
# field: host-frame-length
# trap: 30
# limits: value=1MiB
# expect: crashed Protocol "the guest broke the protocol: a value larger than the limit of 1048576 bytes"

progress.__self__.link.value_limit = 1 << 60
"x" * 1_100_000
