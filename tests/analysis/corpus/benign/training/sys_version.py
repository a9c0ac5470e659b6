"""Works on several Pythons."""
import sys

if sys.version_info >= (3, 12):
    from itertools import batched
else:
    from itertools import islice

    def batched(values, size):
        source = iter(values)
        while piece := tuple(islice(source, size)):
            yield piece


def rows(values, columns):
    if len(values) > sys.maxsize:
        raise OverflowError
    print("rows", len(values), file=sys.stderr)
    return list(batched(values, columns))
