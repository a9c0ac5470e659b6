# goal: send an enumeration whose value is itself
# technique: protocol_values
# field: host-nesting
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

import enum


class Evil(enum.Enum):
    A = 1


object.__setattr__(Evil.A, "_value_", Evil.A)
Evil.A
