# goal: display more than may cross
# technique: resource_accounting
# limits: value=1MiB
# expect: limit value alive

class Page:
    def _repr_html_(self):
        return "x" * (2 << 20)


display(Page())
"displayed"
