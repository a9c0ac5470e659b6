# goal: spend the host's patience in the look of a value
# technique: output_and_display
# field: step-sleep
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

class Page:
    def _repr_mimebundle_(self, include, exclude):
        while True:
            pass


Page()
