# goal: raise the limits that the kernel holds
# technique: resource_accounting
# needs: module:resource
# expect: ok ['ValueError'] alive

import resource

answers = set()
names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
for name in names:
    which = getattr(resource, name)
    try:
        resource.setrlimit(which, resource.getrlimit(which))
    except (OSError, ValueError) as error:
        answers.add(type(error).__name__)
    else:
        answers.add(name)
sorted(answers)
