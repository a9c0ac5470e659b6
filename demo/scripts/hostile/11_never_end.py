# tries: stay for ever, and swallow every interrupt
# stands: wall
# expect: limit wall
# limits: wall=0.5
import time

while True:
    try:
        time.sleep(1_000_000)
    except BaseException:
        pass
