# goal: count the guests in a scratch file
# technique: randomness_and_isolation
# twice: equal
# needs: disk
# expect: ok 1 alive

import os

count = int(open("counter").read()) if os.path.exists("counter") else 0
open("counter", "w").write(str(count + 1))
count + 1
