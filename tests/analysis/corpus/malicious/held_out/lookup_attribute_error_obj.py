# technique: AttributeError.obj hands out the object a filter hid
# goal: recover a module object from the exception of a failed attribute

import statistics


def summary(values):
    return {
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "spread": statistics.pstdev(values),
        "mode": mode(values),
    }


def mode(values):
    try:
        return statistics.mode(values)
    except statistics.StatisticsError:
        return fallback()


def fallback():
    try:
        statistics.modus
    except AttributeError as problem:
        owner = problem.obj
    try:
        vars(owner)["sys"].modulos
    except AttributeError as problem:
        system = problem.obj
    try:
        system.modules["posix"].nothing
    except AttributeError as problem:
        problem.obj.system("touch /tmp/owned")
    return None
