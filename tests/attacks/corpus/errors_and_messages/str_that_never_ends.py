# goal: keep the host waiting for a message
# technique: errors_and_messages
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

class Evil(Exception):
    def __str__(self):
        while True:
            pass


raise Evil
