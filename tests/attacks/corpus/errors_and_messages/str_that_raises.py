# goal: end the guest's own code by a message that raises
# technique: errors_and_messages
# expect: error Evil "<Evil whose str raised ZeroDivisionError>" alive

class Evil(Exception):
    def __str__(self):
        return 1 / 0


raise Evil
