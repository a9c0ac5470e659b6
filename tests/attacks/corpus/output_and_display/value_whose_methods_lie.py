# goal: break the turn by methods that answer what they must not
# technique: output_and_display
# expect: ok Opaque(Page: p) alive

class Lies(dict):
    def items(self):
        raise RuntimeError
    keys = __iter__ = __len__ = items


class Text(str):
    def __len__(self):
        return -1

    def __eq__(self, other):
        raise RuntimeError
    __hash__ = str.__hash__


class Page:
    def __repr__(self):
        return "p"

    def _repr_mimebundle_(self, **kw):
        return Lies({Text("text/html"): "x", "a" * 101: "x", 5: 5, "text/x": object(), "x/+json": {1: {2}}}), None

    _repr_html_ = _repr_svg_ = 5

    def _repr_png_(self):
        return ()

    def _repr_jpeg_(self):
        return [b"x"]

    def _repr_json_(self):
        loop = []
        loop.append(loop)
        return loop


Page()
