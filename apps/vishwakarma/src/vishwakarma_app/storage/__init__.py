"""The file format: a document as one SQLite database, read as hostile input, written at once."""

from vishwakarma_app.storage.files import read_document, write_document
from vishwakarma_app.storage.replacing import replacing
from vishwakarma_app.storage.schema import APPLICATION_ID, VERSION

__all__ = ["APPLICATION_ID", "VERSION", "read_document", "replacing", "write_document"]
