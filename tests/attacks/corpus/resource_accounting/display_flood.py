# goal: display without end
# technique: resource_accounting
# field: host-flood
# expect: limit display alive

while True:
    display("x" * 10_000)
