"""A decorator that counts and remembers."""
import functools


def remembered(function):
    answers = {}

    @functools.wraps(function)
    def wrapper(*arguments):
        if arguments not in answers:
            answers[arguments] = function(*arguments)
        return answers[arguments]

    wrapper.forget = answers.clear
    return wrapper


@remembered
def ways(stairs):
    return 1 if stairs <= 1 else ways(stairs - 1) + ways(stairs - 2)
