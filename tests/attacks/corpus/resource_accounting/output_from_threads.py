# goal: print from several threads at once
# technique: resource_accounting
# needs: threads
# field: host-flood
# expect: limit output

import threading


def flood():
    while True:
        print("x" * 1_000)


for _ in range(4):
    threading.Thread(target=flood, daemon=True).start()
flood()
