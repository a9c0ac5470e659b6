# goal: fill the host's memory with small displays
# technique: output_and_display
# field: host-flood
# trap: 16
# expect: limit display ~".*"

for _ in range(2_000):
    display(1)
