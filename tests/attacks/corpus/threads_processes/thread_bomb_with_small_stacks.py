# goal: start threads with the smallest stacks there are
# technique: threads_processes
# needs: threads
# field: step-threads-forks
# expect: ok 8 alive

import threading

threading.stack_size(32_768)
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
