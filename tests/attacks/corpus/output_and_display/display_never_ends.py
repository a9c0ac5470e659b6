# goal: spend the host's patience in a display method
# technique: output_and_display
# field: step-sleep
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

class Page:
    def _repr_html_(self):
        while True:
            pass


display(Page())
