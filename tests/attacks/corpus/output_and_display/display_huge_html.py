# goal: display more than the limit allows
# technique: output_and_display
# field: host-flood
# limits: display=64KiB
# expect: limit display "the guest reached its limit display=65,536"

class Page:
    def _repr_html_(self):
        return "x" * 1_000_000


display(Page())
