# goal: end the guest's own code by a type whose name is no text
# technique: errors_and_messages
# field: lang-class-hooks
# expect: error Evil "x" alive

class Meta(type):
    __name__ = property(lambda self: 5)


class Evil(Exception, metaclass=Meta):
    pass


raise Evil("x")
