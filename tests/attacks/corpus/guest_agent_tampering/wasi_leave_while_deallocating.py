# goal: end the guest in the middle of a deallocation
# technique: guest_agent_tampering
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 7" dead

from ringfence_guest import _host


class Bomb:
    def __del__(self):
        _host.leave(7)


bomb = [Bomb() for _ in range(10)]
del bomb
