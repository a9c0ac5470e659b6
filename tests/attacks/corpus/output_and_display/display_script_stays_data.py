# goal: have the host run a script that is displayed
# technique: output_and_display
# trap: 15
# expect: ok None

class Page:
    def _repr_html_(self):
        return "<script>fetch('/')</script>"

    def __repr__(self):
        return "\x1b]0;owned\x07"


display(Page())
