# goal: make the host spend time on an integer of 64 KiB
# technique: host_functions
# trap: 8
# functions: add
# expect: ok True

add((1 << 500_000), 1) == (1 << 500_000) + 1
