# goal: survive the end of its fuel by catching everything
# technique: cpu_time
# needs: limit:fuel
# limits: fuel=50000000
# expect: limit fuel "the guest reached its limit fuel=50,000,000" dead

def errors():
    while True:
        yield RuntimeError("never mind")


def go_on():
    while True:
        try:
            for error in errors():
                try:
                    raise error
                except BaseException:
                    pass
        except BaseException:
            go_on()
        finally:
            go_on()


go_on()
