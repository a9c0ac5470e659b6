# goal: report progress without end
# technique: resource_accounting
# limits: output=64KiB wall=2
# field: host-flood
# trap: 16
# expect: limit output alive

while True:
    progress(1.0, "x" * 4_000)
