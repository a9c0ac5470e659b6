import copy
import types

DEFAULTS = types.MappingProxyType({"steps": 12, "rails": {"left": True, "right": False}})


def merged(base, extra):
    result = copy.deepcopy(dict(base))
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return types.SimpleNamespace(**result)
