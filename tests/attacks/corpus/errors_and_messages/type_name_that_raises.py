# goal: end the guest's own code by a type whose name raises
# technique: errors_and_messages
# field: lang-class-hooks
# expect: error Evil "x" alive

class Meta(type):
    def __getattribute__(cls, name):
        return 1 / 0


class Evil(Exception, metaclass=Meta):
    pass


raise Evil("x")
