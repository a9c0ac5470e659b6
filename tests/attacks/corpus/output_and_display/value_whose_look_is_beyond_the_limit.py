# goal: show more than may be shown, as the look of a value
# technique: output_and_display
# field: host-flood
# limits: display=64KiB
# expect: limit display "the guest reached its limit display=65,536" alive

class Page:
    def _repr_html_(self):
        return "x" * 1_000_000


Page()
