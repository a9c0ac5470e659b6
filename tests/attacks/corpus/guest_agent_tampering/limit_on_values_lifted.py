# goal: send a value that is larger than the limit, after the limit in the guest was lifted
# technique: guest_agent_tampering
# field: host-frame-length
# trap: 30
# limits: value=1MiB display=1MiB
# expect: crashed Protocol "the guest broke the protocol: a frame of 5000015 bytes; at most 2162688"

progress.__self__.link.value_limit = 1 << 60
"x" * 5_000_000
