# goal: end the guest's own code by a message that exits
# technique: errors_and_messages
# expect: error Evil "<Evil whose str raised SystemExit>" alive

class Evil(Exception):
    def __str__(self):
        raise SystemExit(0)


raise Evil
