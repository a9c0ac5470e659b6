# goal: count the guests in the built-in names
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok 1 alive

import builtins

builtins.counter = getattr(builtins, "counter", 0) + 1
counter
