# goal: catch what stops the output, and print on
# technique: resource_accounting
# limits: output=64KiB
# field: host-flood, step-ignore-signals
# expect: limit output dead

while True:
    try:
        while True:
            print("x" * 1_000)
    except BaseException:
        pass
