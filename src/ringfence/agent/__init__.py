"""Agent tasks: what was asked for in words or code becomes runs of guests, and an answer.

:func:`~ringfence.agent.working.work` works on a :class:`~ringfence.agent.task.Task`. It knows no
service: it is given a function that runs code (:class:`~ringfence.agent.task.Execute`).
"""
