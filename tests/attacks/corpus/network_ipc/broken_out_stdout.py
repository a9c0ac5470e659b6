# goal: write to what stands behind stdout in the zygote
# technique: network_ipc
# expect: ok ([1, 1], b'') alive

import os

[os.write(descriptor, b"x") for descriptor in (1, 2)], os.read(0, 1)
