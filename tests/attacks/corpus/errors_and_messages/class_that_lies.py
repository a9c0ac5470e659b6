# goal: have one exception taken for another
# technique: errors_and_messages
# expect: error Evil "x" alive

class Evil(Exception):
    __class__ = MemoryError


raise Evil("x")
