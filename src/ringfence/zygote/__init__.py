"""Processes that guests are copies of: jailed once, warmed once, forked for each guest.

What a guest runs is a :class:`~ringfence.zygote.program.Program` of an engine's.
"""
