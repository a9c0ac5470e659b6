# goal: make the host spend time on an integer of a megabyte
# technique: host_functions
# trap: 8
# functions: add
# expect: error EncodeError "an integer of 1000001 bytes; at most 65536 may cross"

add(1 << 8_000_000)
