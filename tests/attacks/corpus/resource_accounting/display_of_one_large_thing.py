# goal: display one thing that is larger than the limit
# technique: resource_accounting
# limits: display=64KiB
# field: host-flood
# expect: limit display alive

class Page:
    def _repr_html_(self):
        return "x" * (1 << 20)


display(Page())
"displayed"
