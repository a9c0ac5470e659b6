# goal: end the guest in a hash, in a set that grows
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 5" dead

import os


class Key:
    def __hash__(self):
        os._exit(5)


{Key()}
