"""The web application: a person's view of one document, served to that person alone.

``serving`` listens, ``guard`` lets in, ``application`` has the addresses, ``page`` is one page that
is open, ``hub`` the one thread that works, ``workspace`` what is done to the document; ``showing``,
``pieces``, ``records`` and ``frames`` turn it into what a page draws, and ``static`` is the page.
"""

from vishwakarma_app.web.serving import Server

__all__ = ["Server"]
