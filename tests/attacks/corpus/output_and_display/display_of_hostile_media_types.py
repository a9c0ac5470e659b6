# goal: choose a name, a header or a file by a media type
# technique: output_and_display
# trap: 15
# expect: ok None alive

class Page:
    def __repr__(self):
        return "x"

    def _repr_mimebundle_(self, include=None, exclude=None):
        kinds = ["../../etc/passwd", "text/html\r\nSet-Cookie: a=b", "\x1b]0;owned\x07", "\u202egnp/egami", "", "\x00",
                 "\ud800", "text/html; charset=utf-7", "__class__", "$type", "con", "a/b" * 30, " ", "IMAGE/PNG"]
        return {kind: kind for kind in kinds}


display(Page())
