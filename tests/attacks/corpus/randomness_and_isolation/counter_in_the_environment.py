# goal: count the guests in the environment
# technique: randomness_and_isolation
# twice: equal
# expect: ok '1' alive

import os

os.environ["COUNTER"] = str(int(os.environ.get("COUNTER", "0")) + 1)
os.environ["COUNTER"]
