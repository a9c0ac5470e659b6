# goal: catch what stops the calls, and call on
# technique: resource_accounting
# functions: add
# limits: calls=100
# field: host-flood, step-ignore-signals
# expect: limit calls dead

while True:
    try:
        while True:
            add(1)
    except BaseException:
        pass
