"""Shows how a hook is called."""
import inspect
import typing


def describe(function):
    signature = inspect.signature(function)
    lines = [f"{function.__module__}.{function.__qualname__}{signature}"]
    for name, parameter in signature.parameters.items():
        lines.append(f"  {name}: {parameter.annotation} = {parameter.default}")
    lines.append(inspect.getdoc(function) or "")
    return "\n".join(lines)


def is_optional(hint):
    return type(None) in typing.get_args(hint)
