"""RF95x: code that uses up time or memory in one step. The engine's limits hold all the same."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from typing import Any

from ringfence.plugins.analysis.context import Context, Handlers, quoted
from ringfence.plugins.analysis.rule import Rule, Severity
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import Const, Ref, Sequence

__all__ = ["FAMILY"]

RULES = (
    Rule(
        id="RF951",
        name="huge-step",
        severity="error",
        title="one step that takes all memory or all time",
        explanation="A range, repetition, power or allocation of this size ends in a limit, in one "
        "step that nothing interrupts.",
        remedy="work in pieces of a size that fits the job",
    ),
    Rule(
        id="RF952",
        name="catastrophic-pattern",
        severity="error",
        title="a regular expression that takes exponential time",
        explanation="Repetitions within repetitions try every way to split a text.",
        remedy="write it without a repetition in a repetition, or with possessive ones",
    ),
    Rule(
        id="RF953",
        name="endless-loop",
        severity="error",
        title="a loop without an end",
        explanation="Its condition is always true, and nothing in it leaves.",
        remedy="bound the loop, or leave it with break or return",
    ),
    Rule(
        id="RF954",
        name="deep-nesting",
        severity="error",
        title="a value that is nested ever deeper",
        explanation="Whatever walks it afterwards, to print, compare, send or free it, recurses as "
        "deep.",
        remedy="keep a list of the levels",
    ),
    Rule(
        id="RF955",
        name="endless-recursion",
        severity="error",
        title="a function that always calls itself",
        explanation="No condition ends it.",
        remedy="return before the call when there is nothing left to do",
    ),
    Rule(
        id="RF956",
        name="constant-hash",
        severity="error",
        title="a hash that is the same for all objects",
        explanation="In a set or dictionary each of them is compared with all others.",
        remedy="hash what makes two objects equal",
    ),
    Rule(
        id="RF957",
        name="undying-loop",
        severity="error",
        title="a loop that catches what would end it",
        explanation="`except BaseException` in a loop without an end catches interrupts and the "
        "end "
        "of its time.",
        remedy="catch the exceptions that you expect",
    ),
)

_MOST = 100_000_000
_MOST_POWER = 200_000  # bits
_ALLOCATORS = frozenset({"zeros", "ones", "empty", "full", "arange", "linspace", "eye", "identity"})
_CONSUMERS = frozenset(
    {"sum", "list", "tuple", "set", "max", "min", "sorted", "any", "all", "bytes", "bytearray"}
)
# A repeated group that is nothing but a repetition, or has two alternatives that begin alike.
_ATOM = r"(?:\[\^?[^\[\]^]{1,40}\]|\\[wdsWDS]|[\w.])"
_NESTED = re.compile(
    rf"\((?:\?:)?(?:{_ATOM}[?*+]){{0,3}}{_ATOM}[+*](?:{_ATOM}[?*+]){{0,3}}\)(?:[+*](?![+])|\{{\d*,?\d*\}})"
    r"|\(\.[*+]\w\)\{\d{2,}"
)
_ALIKE = re.compile(r"\((?:\?:)?(\w+|\.)\|(?:\1\w?|\.)\)[+*]")


def _number(context: Context, node: ast.AST, scope: Scope) -> int | float | None:
    for one in context.values(node, scope):
        if (
            isinstance(one, Const)
            and isinstance(one.value, int | float)
            and not isinstance(one.value, bool)
        ):
            number: int | float = one.value
            return number
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, power = _number(context, node.left, scope), _number(context, node.right, scope)
        if base is not None and power is not None:
            try:
                raised: float = float(base) ** min(float(power), 400.0)
                return raised
            except (OverflowError, ZeroDivisionError, ValueError):
                return float("inf")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.LShift):
        left, right = _number(context, node.left, scope), _number(context, node.right, scope)
        if left is not None and right is not None:
            if isinstance(node.op, ast.LShift):
                return float("inf") if right > 1_000 else float(left) * 2.0 ** max(right, 0)
            return float(left) * float(right)
    return None


def _operation(context: Context, node: ast.BinOp, scope: Scope, role: str) -> None:
    if isinstance(node.op, ast.Pow):
        base, power = node.left, _number(context, node.right, scope)
        number = _number(context, base, scope)
        if isinstance(number, int | float) and abs(number) >= 2 and power is not None:
            if isinstance(number, int) and abs(power) > _MOST_POWER:
                context.report("RF951", node, "a power of many digits")
    elif isinstance(node.op, ast.LShift):
        shift = _number(context, node.right, scope)
        if shift is not None and shift > _MOST:
            context.report("RF951", node, "a shift by many bits")
    elif isinstance(node.op, ast.Mult):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            times = _number(context, other, scope)
            if times is None or times < 1_000:
                continue
            if times >= _MOST and _is_sequence(context, one, scope):
                context.report("RF951", node, "a repetition")
            elif _opens(context, one, scope):
                context.report("RF954", node, "a text of brackets that open")
            elif times >= 1_000_000 and role == "raised":
                context.report("RF951", node, "a message")
    elif isinstance(node.op, ast.Mod):
        for value in context.values(node.left, scope):
            if isinstance(value, Const) and isinstance(value.value, str):
                _widths(context, node, value.value)


def _opens(context: Context, node: ast.AST, scope: Scope) -> bool:
    """Whether a text only opens brackets, so that a row of it nests whoever parses it."""
    return any(
        isinstance(one, Const)
        and isinstance(one.value, str | bytes)
        and len(one.value) < 20
        and (one.value if isinstance(one.value, str) else one.value.decode("latin-1")).strip(" \n")
        in ("[", "{", "(", "[[", "((", "{{", '{"a":', "{'a':", '[{"a":', "-", "not", "lambda:")
        and one.value not in ("-", b"-", " ", "\n")
        for one in context.values(node, scope)
    )


def _raise(context: Context, node: ast.Raise, scope: Scope, role: str) -> None:
    if isinstance(node.exc, ast.Call):
        for one in node.exc.args:
            if isinstance(one, ast.BinOp):
                _operation(context, one, scope, "raised")


def _is_sequence(context: Context, node: ast.AST, scope: Scope) -> bool:
    if isinstance(node, ast.List | ast.Tuple | ast.JoinedStr):
        return True
    return any(
        isinstance(one, Sequence) or (isinstance(one, Const) and isinstance(one.value, str | bytes))
        for one in context.values(node, scope)
    )


def _widths(context: Context, node: ast.AST, text: str) -> None:
    if re.search(r"(?:%|:[^{}]{0,3})0?\d{8,}", text[:4_000]):
        context.report("RF951", node, "a format of great width")


def _call(context: Context, node: ast.Call, scope: Scope, role: str) -> None:
    for function in context.values(node.func, scope):
        if not isinstance(function, Ref):
            name = getattr(function, "name", "")
            if name == "format" and isinstance(getattr(function, "receiver", None), Const):
                _widths(context, node, str(function.receiver.value)[:4_000])  # type: ignore[union-attr]
            if name in ("ljust", "rjust", "center", "zfill") and node.args:
                if (_number(context, node.args[0], scope) or 0) >= _MOST:
                    context.report("RF951", node, f".{name}(...)")
            continue
        path = function.path
        if path in ("builtins.range", "itertools.repeat") and node.args:
            if id(node) in context.consumed and any(
                (_number(context, one, scope) or 0) >= 10 * _MOST for one in node.args
            ):
                context.report("RF951", node, "a range")
        elif path in ("builtins.bytes", "builtins.bytearray") and node.args:
            if (_number(context, node.args[0], scope) or 0) >= _MOST:
                context.report("RF951", node, "an allocation")
        elif path == "builtins.pow" and len(node.args) == 2:
            if (_number(context, node.args[1], scope) or 0) > _MOST_POWER:
                context.report("RF951", node, "a power of many digits")
        elif path.startswith("numpy.") and path.rpartition(".")[2] in _ALLOCATORS and node.args:
            if (_size(context, node.args[0], scope) or 0) >= _MOST:
                context.report("RF951", node, "an array")
        elif path.startswith("re.") and node.args:
            _pattern(context, node, scope)
        elif path == "math.factorial" and node.args:
            if (_number(context, node.args[0], scope) or 0) > 200_000:
                context.report("RF951", node, "a factorial")
        elif path in ("time.sleep", "asyncio.sleep") and node.args:
            if (_number(context, node.args[0], scope) or 0) > 60:
                context.report("RF951", node, "a long sleep")
        elif path == "functools.reduce" and node.args and isinstance(node.args[0], ast.Lambda):
            first = node.args[0].args.args[:1]
            if first and _only(node.args[0].body) == first[0].arg:
                context.report("RF954", node, "by functools.reduce")
        elif path.removeprefix("builtins.") in _CONSUMERS and node.args:
            _endless_argument(context, node, scope)


_ENDLESS = frozenset({"itertools.count", "itertools.cycle", "itertools.repeat"})


def _endless_argument(context: Context, node: ast.Call, scope: Scope) -> None:
    if _is_endless(context, node.args[0], scope):
        context.report("RF951", node, "all of an iterator without an end")


def _is_endless(context: Context, node: ast.expr, scope: Scope) -> bool:
    if not isinstance(node, ast.Call):
        return False
    for one in context.values(node.func, scope):
        if isinstance(one, Ref) and one.path in _ENDLESS:
            return one.path != "itertools.repeat" or len(node.args) == 1
        if isinstance(one, Ref) and one.path == "builtins.iter" and len(node.args) == 2:
            kind, end = (context.values(argument, scope) for argument in node.args)
            return Ref("builtins.int") in kind and Const(0) not in end
    return False


def _size(context: Context, node: ast.AST, scope: Scope) -> float | None:
    if isinstance(node, ast.Tuple | ast.List):
        product = 1.0
        for one in node.elts:
            product *= _number(context, one, scope) or 1
        return product
    return _number(context, node, scope)


def _pattern(context: Context, node: ast.Call, scope: Scope) -> None:
    for one in context.values(node.args[0], scope):
        text: Any = one.value if isinstance(one, Const) else None
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        if (
            isinstance(text, str)
            and len(text) <= 2_000
            and (_NESTED.search(text) or _ALIKE.search(text))
        ):
            context.report("RF952", node, quoted(text))


def _while(context: Context, node: ast.While, scope: Scope, role: str) -> None:
    if not _always(node.test):
        return
    leaves = swallows = False
    pending: list[tuple[ast.AST, bool]] = [(one, False) for one in node.body]
    seen = 0
    while pending:
        one, inner = pending.pop()
        seen += 1
        if seen > 5_000:
            return
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if (
            isinstance(one, (ast.Return | ast.Yield | ast.YieldFrom | ast.Await, ast.Raise))
            or (isinstance(one, ast.Break) and not inner)
            or (isinstance(one, ast.Call) and _ends(one))
        ):
            leaves = True
        elif isinstance(one, ast.ExceptHandler) and _catches_all(one):
            swallows = True
        looped = inner or isinstance(one, ast.While | ast.For | ast.AsyncFor)
        pending.extend((child, looped) for child in ast.iter_child_nodes(one))
    if not leaves and not swallows:
        # Whatever it calls may end it with an exception; a person has to look.
        at_most: Severity = "warning" if _calls_others(node) else "error"
        context.report("RF953", node, "while True", at_most=at_most)
    elif swallows and not leaves:
        context.report("RF957", node, "while True")


_HARMLESS_CALLS = frozenset(
    {
        "append", "extend", "add", "update", "len", "range", "sum", "min", "max", "abs", "str",
        "list", "dict", "set", "tuple", "float", "zip", "enumerate", "sorted", "join", "copy",
        "sleep",
    }
)  # fmt: skip


def _calls_others(node: ast.While | ast.For) -> bool:
    for one in itertools.chain.from_iterable(map(ast.walk, node.body)):
        if isinstance(one, ast.Call):
            name = getattr(one.func, "attr", getattr(one.func, "id", ""))
            if name not in _HARMLESS_CALLS:
                return True
    return False


def _always(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _ends(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("exit", "_exit", "quit", "abort")


def _catches_all(node: ast.ExceptHandler) -> bool:
    if node.type is None:
        return True
    names = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(
        isinstance(one, ast.Name)
        and one.id in ("BaseException", "KeyboardInterrupt", "MemoryError")
        for one in names
    )


def _loop(context: Context, node: ast.For | ast.While, scope: Scope, role: str) -> None:
    if (
        isinstance(node, ast.For)
        and id(node.iter) in context.consumed
        and _is_endless(context, node.iter, scope)
    ):
        at_most: Severity = "warning" if _calls_others(node) else "error"
        context.report("RF953", node, "over an iterator without an end", at_most=at_most)
    for one in node.body:
        if not isinstance(one, ast.Assign) or len(one.targets) != 1:
            continue
        target, value = one.targets[0], one.value
        if (
            isinstance(target, ast.Name)
            and _only(value) == target.id
            and _often(context, node, scope)
        ):
            context.report("RF954", one, quoted(target.id))


def _often(context: Context, node: ast.For | ast.While, scope: Scope) -> bool:
    if isinstance(node, ast.While):
        return True
    if isinstance(node.iter, ast.Call) and node.iter.args:
        number = _number(context, node.iter.args[-1], scope)
        return number is None or number >= 900
    return False


def _only(value: ast.expr) -> str:
    """The name that a list, tuple, set or dictionary of one item has for its item."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set) and len(value.elts) == 1:
        inner: ast.expr = value.elts[0]
    elif isinstance(value, ast.Dict) and len(value.values) == 1:
        inner = value.values[0]
    else:
        return ""
    return inner.id if isinstance(inner, ast.Name) else ""


def _function(context: Context, node: ast.FunctionDef, scope: Scope, role: str) -> None:
    if node.name == "__hash__" and scope.kind == "class":
        said = [one for one in node.body if not isinstance(one, ast.Expr)]
        if (
            len(said) == 1
            and isinstance(said[0], ast.Return)
            and isinstance(said[0].value, ast.Constant)
        ):
            context.report("RF956", node, "__hash__")
    body: list[ast.stmt] = []
    for one in node.body:
        opened = isinstance(one, ast.With) or (isinstance(one, ast.Try) and _tries_again(one, node))
        body.extend(one.body if opened else [one])  # type: ignore[attr-defined]
    for one in body:
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
            continue
        value = one.value if isinstance(one, ast.Return | ast.Expr | ast.Assign) else None
        if (
            value is not None
            and _is_itself(context, node)
            and _calls_itself(value, node.name, scope)
        ):
            context.report("RF955", node, quoted(node.name))
        if isinstance(
            one,
            ast.If | ast.For | ast.While | ast.Try | ast.With | ast.Match | ast.Return | ast.Raise,
        ):
            return


def _tries_again(one: ast.Try, node: ast.FunctionDef) -> bool:
    """``try: f() except …: f()``: it calls itself however the first call ends."""
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == node.name
        for handler in one.handlers
        for call in ast.walk(handler)
    )


def _hash(context: Context, node: ast.Assign, scope: Scope, role: str) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id == "__hash__" and scope.kind == "class":
            if isinstance(node.value, ast.Lambda) and isinstance(node.value.body, ast.Constant):
                context.report("RF956", node, "__hash__")


def _is_itself(context: Context, node: ast.FunctionDef) -> bool:
    """Whether the function's name means the function alone, within it."""
    owner = context.ask.found.scopes[id(node)].owner(node.name)
    return owner is not None and [one.node for one in owner.names[node.name]] == [node]


def _calls_itself(value: ast.expr, name: str, scope: Scope) -> bool:
    pending: list[ast.AST] = [value]
    while pending:
        one = pending.pop()
        if isinstance(
            one,
            ast.IfExp
            | ast.BoolOp
            | ast.Lambda
            | ast.ListComp
            | ast.GeneratorExp
            | ast.SetComp
            | ast.DictComp,
        ):
            continue  # it may not come to that
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == name:
            return scope.kind != "class"
        pending.extend(ast.iter_child_nodes(one))
    return False


def _consumed(context: Context) -> None:
    """What is iterated to its end: a range alone is nothing yet, and a loop may be left early."""
    places = context.ask.found.places
    for node, _, _ in places[ast.For]:
        if not any(isinstance(one, ast.Break | ast.Return | ast.Raise) for one in _within(node)):
            context.consumed.add(id(node.iter))
    for node, _, _ in places[ast.comprehension]:
        context.consumed.add(id(node.iter))
    for call, _, _ in places[ast.Call]:
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in _CONSUMERS or name in ("join", "deque", "reduce", "extend", "prod", "fsum"):
            context.consumed.update(map(id, call.args))


def _within(node: ast.For) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, ast.If | ast.Try | ast.With | ast.ExceptHandler | ast.While | ast.For):
            for name in ("body", "orelse", "handlers", "finalbody"):
                pending.extend(getattr(one, name, ()))


FAMILY = Handlers(
    rules=RULES,
    whole=(_consumed,),
    nodes={
        ast.BinOp: (_operation,),
        ast.Call: (_call,),
        ast.Raise: (_raise,),
        ast.Assign: (_hash,),
        ast.While: (_while, _loop),
        ast.For: (_loop,),
        ast.FunctionDef: (_function,),
    },
)
