# goal: end the guest's own code by an exit code that raises when it is compared
# technique: errors_and_messages
# expect: error SystemExit "code" alive

class Code:
    def __eq__(self, other):
        raise ZeroDivisionError

    def __str__(self):
        return "code"


raise SystemExit(Code())
