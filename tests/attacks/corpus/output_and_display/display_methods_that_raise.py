# goal: fail the turn by methods that raise
# technique: output_and_display
# expect: ok None

class Page:
    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        return "x"


try:
    display(Page())
except RuntimeError:
    pass
