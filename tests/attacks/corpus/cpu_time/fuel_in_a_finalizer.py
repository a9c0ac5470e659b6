# goal: go on behind the end of the program
# technique: cpu_time
# needs: limit:fuel
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

class Thing:
    def __del__(self):
        while True:
            pass


Thing()
