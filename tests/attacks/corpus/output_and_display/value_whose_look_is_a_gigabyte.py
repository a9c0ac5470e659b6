# goal: make the host hold a gigabyte, as the look of a value
# technique: output_and_display
# field: host-flood
# limits: memory=256MiB
# expect: limit memory ~".*" alive

class Page:
    def _repr_png_(self):
        return bytes(1 << 30)


Page()
