# goal: fill the host's memory with empty lines
# technique: output_and_display
# field: host-flood
# trap: 16
# limits: output=64KiB
# expect: limit output "the guest reached its limit output=65,536"

while True:
    print()
