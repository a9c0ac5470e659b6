# goal: count the guests in the code that speaks for the guest
# technique: randomness_and_isolation
# twice: equal
# trap: 2
# expect: ok 1 alive

import ringfence_guest

ringfence_guest.counter = getattr(ringfence_guest, "counter", 0) + 1
ringfence_guest.counter
