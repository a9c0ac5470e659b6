# goal: call the host from several threads at once
# technique: resource_accounting
# functions: add
# needs: threads
# limits: calls=100
# field: host-flood
# expect: limit calls

import threading


def flood():
    while True:
        add(1)


for _ in range(4):
    threading.Thread(target=flood, daemon=True).start()
flood()
