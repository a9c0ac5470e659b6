"""The server of worlds: for one person, on this machine.

``serving`` listens, ``guard`` lets in, ``application`` has the addresses, ``bodies`` is what may be
sent and ``views`` what is answered; ``static`` is the page.
"""

from worldgen.web.serving import Server

__all__ = ["Server"]
