# goal: take memory in several threads at once
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'within the limit' alive

import threading

taken = []


def take():
    try:
        while len(taken) < 512:
            taken.append(bytearray(1 << 20))
    except MemoryError:
        pass


threads = []
for _ in range(4):
    thread = threading.Thread(target=take)
    try:
        thread.start()
    except RuntimeError:
        break  # no memory for another stack
    threads.append(thread)
for thread in threads:
    thread.join()
f"took {len(taken)} MiB" if len(taken) > 80 else "within the limit"
