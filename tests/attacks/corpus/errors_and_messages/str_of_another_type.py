# goal: give a message that is no text
# technique: errors_and_messages
# expect: error Evil "<Evil whose str raised TypeError>" alive

class Evil(Exception):
    def __str__(self):
        return 5


raise Evil
