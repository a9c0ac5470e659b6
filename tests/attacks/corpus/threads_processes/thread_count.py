# goal: have more threads than were given
# technique: threads_processes
# limits: threads=4
# needs: threads
# field: step-threads-forks
# expect: ok 4 alive

import threading

hold = threading.Event()
started = 0
while started < 1000:
    try:
        threading.Thread(target=hold.wait, daemon=True).start()
    except RuntimeError:
        break
    started += 1
hold.set()
started
