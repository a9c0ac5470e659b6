"""A real workshop on loopback, which takes Vishwakarma's kinds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringfence.plugins import Bundle
from ringfence.workshop import Rules, Server, Workshop
from ringfence.workshop.signing import Repository
from vishwakarma_app.workshop import ExtensionTrial, Installed, Workshops


class Market:
    """A workshop with its server, and what one person has installed from it."""

    def __init__(self, folder: Path, workshop: Workshop, repository: Repository, url: str) -> None:
        self.folder, self.workshop, self.url = folder, workshop, url
        self.root = repository.metadata_file("1.root.json")
        accounts = workshop.accounts
        accounts.create("ada", ("publish", "review", "operate"))
        self.ada = accounts.caller("ada")
        self.data = folder / "data" / "vishwakarma" / "workshops"
        self.installed = Installed(Workshops(self.data))

    def publish(self, bundle: Bundle) -> None:
        """Submit it, and take it through analysis, trial and review."""
        submissions = self.workshop.submissions
        told = submissions.process(submissions.submit(self.ada, bundle.pack()).id)
        if told.state == "in-review":
            told = submissions.approve(self.ada, told.id)
        assert told.state == "published", told.reason

    def revoke(self, name: str, version: str, reason: str) -> None:
        """Take it back."""
        self.workshop.releases.revoke(self.ada, name, version, reason)


@contextmanager
def market(folder: Path) -> Iterator[Market]:
    """One that is served until the end."""
    repository = Repository.create(folder / "repository", offline=folder / "root-keys")
    with Workshop.open(
        str(folder / "workshop.db"),
        repository,
        specs=[ExtensionTrial(engine="native")],
        rules=Rules(publish_clean=True, review_own=True),
    ) as workshop:
        server = Server(workshop)
        started = threading.Event()
        thread = threading.Thread(target=server.serve, args=[started.set])
        thread.start()
        try:
            started.wait()
            found = Market(folder, workshop, repository, server.url)
            yield found
        finally:
            found.installed.workshops.close()
            server.stop()
            thread.join()
