# goal: make the host hold a gigabyte of HTML
# technique: output_and_display
# field: host-flood
# limits: memory=256MiB
# expect: limit memory ~".*" alive

class Page:
    def _repr_html_(self):
        return "x" * (1 << 30)


display(Page())
