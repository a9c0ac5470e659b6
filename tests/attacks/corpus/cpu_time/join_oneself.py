# goal: wait for a thread that waits for this one
# technique: cpu_time
# limits: wall=0.3
# needs: threads
# field: step-sleep
# expect: limit wall alive

import threading

main = threading.current_thread()
other = threading.Thread(target=main.join)
other.start()
other.join()
