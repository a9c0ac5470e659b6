# goal: fill the host's memory with a million displays
# technique: output_and_display
# field: host-flood
# trap: 16
# expect: limit display ~".*" alive

for number in range(1_000_000):
    display(number)
