# goal: learn the address of the host's network card
# technique: proc_and_identity
# expect: ok 1 alive

import uuid

# A random node has the multicast bit set.
uuid.getnode() >> 40 & 1
