"""``from attempt import attempt``: what a call gives, or the name of the error that refused it."""

import errno


def attempt(function, *arguments):
    """What ``function`` gives; the kernel's refusal as a name, such as ``EPERM``."""
    try:
        return function(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, repr(error))
