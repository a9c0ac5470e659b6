"""The file format: a document as one SQLite database, read as hostile input, written at once."""

from vishwakarma_app.storage.files import (
    document_bytes,
    parse_document,
    read_document,
    write_document,
)
from vishwakarma_app.storage.replacing import replacing
from vishwakarma_app.storage.schema import APPLICATION_ID, VERSION

__all__ = [
    "APPLICATION_ID",
    "VERSION",
    "document_bytes",
    "parse_document",
    "read_document",
    "replacing",
    "write_document",
]
