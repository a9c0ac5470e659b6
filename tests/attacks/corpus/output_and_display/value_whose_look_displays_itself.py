# goal: recurse through displays
# technique: output_and_display
# expect: limit display ~".*" alive

class Page:
    def __repr__(self):
        return "p"

    def _repr_html_(self):
        for _ in range(2_000):
            display(1)


Page()
