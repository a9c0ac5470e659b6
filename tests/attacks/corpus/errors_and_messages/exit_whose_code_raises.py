# goal: end the guest's own code by an exit whose code cannot be read
# technique: errors_and_messages
# expect: error ZeroDivisionError "division by zero" alive

class Evil(SystemExit):
    code = property(lambda self: 1 / 0)


raise Evil
