# tries: stay for ever, and swallow every interrupt
# stands: wall
# expect: limit wall
import time

while True:
    try:
        time.sleep(1_000_000)
    except BaseException:
        pass
