"""Documents that no claim names any more are taken out of the store."""

from __future__ import annotations

from sqlalchemy import delete, exists, select

from models.database import Database
from models.documents import DocumentStore
from models.tables import Document, Proof


def sweep(database: Database, store: DocumentStore) -> int:
    """Remove every document that is proof of nothing: a transaction each, so it can be broken off. How many it were.

    A file that two claims hand in is one document, and stays while one of them has it. It goes from the store before
    its row does, so that nothing is forgotten whatever happens in between; whoever hands in the same content at that
    moment waits for the row, and stores it again.
    """
    unnamed = ~exists().where(Proof.sha256 == Document.sha256)
    query = select(Document.sha256).where(unnamed).order_by(Document.sha256).limit(1)
    gone = 0
    while True:
        with database.transaction() as session:
            sha256 = session.scalar(query.with_for_update(of=Document, skip_locked=True))
            if sha256 is None:
                return gone
            store.remove(sha256)
            session.execute(delete(Document).where(Document.sha256 == sha256))
        gone += 1
