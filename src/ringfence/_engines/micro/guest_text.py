"""What runs in MicroPython before any script does: the loader, and the lock-down.

It is text: the host never imports what is in it.

The loader is two functions that only the host can reach, through numbers that it keeps. The
lock-down takes from the builtins what a script has no use for: ``import`` is then a ``NameError``,
as is each name in ``TAKEN``. That is policy: the wall is WebAssembly.
"""

from __future__ import annotations

__all__ = ["LENT_MATH", "SETUP", "TAKEN"]

TAKEN = (
    "__import__", "compile", "delattr", "dir", "eval", "exec", "execfile", "getattr", "globals",
    "hasattr", "help", "input", "locals", "memoryview", "open", "setattr", "super", "type",
)  # fmt: skip
"""Builtins that raise ``NameError`` in a script."""

LENT_MATH = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign", "cos", "cosh",
    "degrees", "e", "erf", "erfc", "exp", "expm1", "fabs", "factorial", "floor", "fmod", "frexp",
    "gamma", "inf", "isclose", "isfinite", "isinf", "isnan", "ldexp", "lgamma", "log", "log10",
    "log2", "modf", "nan", "pi", "pow", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "tau",
    "trunc",
)  # fmt: skip
"""What scripts find in ``math``, where MicroPython has it; ``hypot`` is added."""

SETUP = """
def make(places, most_rows, most_width, lent_math, taken):
    import builtins, gc, json, math, micropython, struct, uctypes
    from array import array
    inbox_at, inbox_size, records_at, records_size, gathered_at, gathered_size = places[:6]
    inbox = memoryview(uctypes.bytearray_at(inbox_at, inbox_size))
    records = memoryview(uctypes.bytearray_at(records_at, records_size))
    gathered = memoryview(uctypes.bytearray_at(gathered_at, gathered_size))
    compile_, exec_, is_a = compile, exec, isinstance
    put, names, an_int, sized = setattr, (hasattr, getattr), int, len
    loads, a_text = json.loads, str
    functions, lent, columns = [], {}, [[], [], []]

    class lent_math_type:
        pass
    for name in lent_math:
        if names[0](math, name):
            put(lent_math_type, name, names[1](math, name))
    # In a namespace of its own: whoever has a function has its globals.
    alone = {'sqrt': math.sqrt}
    exec_('def hypot(*lengths):\\n return sqrt(sum([x * x for x in lengths]))', alone)
    put(lent_math_type, 'hypot', alone.pop('hypot'))
    alone = {}
    exec_('def taken(*_, **__):\\n raise NameError("not available in a script")', alone)
    refuse = alone.pop('taken')

    # Where the host finds what came of calls: which is being made, which is the first that was
    # not made for want of room, and their numbers.
    mark = array('i', [0, 0])
    out, whole_out = array('d', [0.0] * most_width), array('q', [0] * most_width)

    def whole(value):
        if not is_a(value, an_int):
            raise TypeError('a whole number is needed')
        if not -0x8000000000000000 <= value <= 0x7fffffffffffffff:
            raise OverflowError('a whole number of 64 bits is needed')
        return value

    def exactly(width, values):
        if sized(values) != width:
            raise ValueError('%d numbers are needed, not %d' % (width, sized(values)))
        return values

    def whole_all(width, values):
        return [whole(value) for value in exactly(width, values)]

    def text(size):
        return a_text(inbox[:size], 'utf-8')

    def namespace(name):
        space = {'__name__': name, 'math': lent_math_type}
        for key in lent:
            space[key] = lent[key]
        return space

    def load(size):
        name, entry, source = text(size).split('\\0', 2)
        space = namespace(name)
        exec_(compile_(source, name, 'exec'), space)
        if entry not in space:
            raise NameError('no function ' + entry + ' is defined')
        functions.append(space[entry])
        return sized(functions) - 1

    def prepare(size):
        source = text(size)
        doubles = {'d': (uctypes.ARRAY | 0, uctypes.FLOAT64 | records_size // 8)}
        space = {'__name__': 'prelude', 'records': records, 'math': math, 'struct': struct}
        space['doubles'] = uctypes.struct(records_at, doubles, uctypes.LITTLE_ENDIAN).d
        exec_(compile_(source, '<prelude>', 'exec'), space)
        for key in space.get('__all__', ()):
            lent[key] = space[key]

    def lock():
        for name in taken:
            try:
                put(builtins, name, refuse)
            except AttributeError:
                pass
        micropython.kbd_intr(-1)

    def adapt(which, kinds, width, whole_numbers, record):
        # kinds: two bits for each argument, 1 for floats and 2 for whole numbers; 0 at the end.
        # Less than 0: the arguments of one call are JSON in the inbox.
        # record: bytes; then calls leave records, which are gathered one after another.
        given = []
        space = {'function': functions[which], 'mark': mark}
        space['out'] = whole_out if whole_numbers else out
        if kinds < 0:
            space['loads'], space['text'] = loads, text
            given.append('*loads(text(size))')
        while kinds > 0:
            name = 'c%d' % sized(given)
            pool = columns[kinds & 3]
            while sized(pool) <= sized(given):
                pool.append(array('q' if kinds & 2 else 'd', [0] * most_rows))
            space[name] = pool[sized(given)]
            given.append(name + '[i]')
            kinds >>= 2
        if whole_numbers:
            space['whole'] = whole
        if record:
            space['records'], space['gathered'] = records, gathered
            space['room'], space['most'] = gathered_size - records_size, records_size // record
            space['record'], space['an_int'] = record, an_int
            call = 'function(%s)' % ', '.join(given)
            names = ', '.join([name for name in space])
            code = (
                'def bind(' + names + '):\\n'
                ' def go(i, end, size):\\n'
                '  at = 0\\n'
                '  for i in range(i, end):\\n'
                '   if at > room:\\n'
                '    mark[1] = i\\n'
                '    return 0.0\\n'
                '   mark[0] = i\\n'
                '   count = ' + call + '\\n'
                '   out[i] = count\\n'
                '   if 0 < count <= most and count == count // 1:\\n'
                '    count = record * an_int(count)\\n'
                '    gathered[at:at + count][:] = records[:count]\\n'
                '    at += count\\n'
                '  mark[1] = end\\n'
                '  return 0.0\\n'
                ' return go')
            alone = {}
            exec_(compile_(code, '<call>', 'exec'), alone)
            return alone['bind'](**space)
        if width > 1:
            space['exactly'] = exactly
            made = 'out[:%d] = array(kind, %s(%d, function(%s)))' % (
                width, 'whole_all' if whole_numbers else 'exactly', width, ', '.join(given))
            space['array'], space['kind'] = array, 'q' if whole_numbers else 'd'
            space['whole_all'] = whole_all
        elif whole_numbers:
            made = 'out[i] = whole(function(%s))' % ', '.join(given)
        else:
            made = 'out[i] = function(%s)' % ', '.join(given)
        names = ', '.join([name for name in space])
        code = (
            'def bind(' + names + '):\\n'
            ' def go(i, end, size):\\n'
            '  try:\\n'
            '   for i in range(i, end):\\n'
            '    ' + made + '\\n'
            '  except BaseException:\\n'
            '   mark[0] = i\\n'
            '   raise\\n'
            '  return 0.0\\n'
            ' return go')
        alone = {}
        exec_(compile_(code, '<call>', 'exec'), alone)
        return alone['bind'](**space)

    def column(kind, index):
        return uctypes.addressof(columns[kind][index])

    places.extend([uctypes.addressof(one) for one in (mark, out, whole_out)])
    return load, prepare, lock, adapt, column, gc.collect
"""
