"""The history is append-only and hash-chained, with checkpoints over all claims and a journal of what is beside them

How the chain is made, and what it proves: docs/audit.md. ``models/chain.py`` computes the same in Python, for whoever
verifies.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
# What the version before can live with (docs/upgrading.md).
_FILLED = "the trigger history_chain fills it, whatever the version that writes a row"
PREPARED = {f"history.{name}": _FILLED for name in ("seq", "salts", "erased", "hash", "uq_history_claim_id_seq")}

# Text that may have to be erased is not in the chain itself, but a salted digest of each part of it.
DIGESTS = """
CREATE FUNCTION history_parts(message text, changes jsonb) RETURNS TABLE (part text, value text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'message', message WHERE message IS NOT NULL
    UNION ALL
    SELECT 'changes.' || one.key, one.value::text FROM jsonb_each(changes) one
$$;

CREATE FUNCTION history_salts(message text, changes jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(jsonb_object_agg(part, replace(gen_random_uuid()::text, '-', '')), '{}')
    FROM history_parts(message, changes)
$$;

CREATE FUNCTION history_digests(message text, changes jsonb, salts jsonb, erased jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT erased || coalesce(
        jsonb_object_agg(part, encode(sha256(decode(salts ->> part, 'hex') || convert_to(value, 'UTF8')), 'hex')), '{}')
    FROM history_parts(message, changes)
$$;

CREATE FUNCTION chain_link(previous bytea, content jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(coalesce(previous, decode(repeat('00', 32), 'hex')) || convert_to(content::text, 'UTF8'))
$$;

CREATE FUNCTION chain_time(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT (extract(epoch FROM moment) * 1000000)::bigint $$;

CREATE FUNCTION history_hash(h history, previous bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT chain_link(previous, jsonb_build_array(
        'history', h.id, h.claim_id, h.seq, chain_time(h.at), h.action, h.party, h.person_id, h.from_status,
        h.to_status, h.version, to_jsonb(h.reasons), history_digests(h.message, h.changes, h.salts, h.erased)))
$$;
"""

BACKFILL = """
DO $$
DECLARE
    h history;
    claim bigint;
    count bigint;
    last bytea;
BEGIN
    FOR h IN SELECT * FROM history ORDER BY claim_id, id LOOP
        IF h.claim_id IS DISTINCT FROM claim THEN
            claim := h.claim_id;
            last := NULL;
            count := 0;
        END IF;
        count := count + 1;
        h.seq := count;
        h.salts := history_salts(h.message, h.changes);
        h.erased := '{}';
        last := history_hash(h, last);
        UPDATE history SET seq = h.seq, salts = h.salts, erased = h.erased, hash = last WHERE id = h.id;
    END LOOP;
END $$;
INSERT INTO unsealed (history_id) SELECT id FROM history;
"""

# Two rows that are written to one claim at once would both be the next: the unique key lets one of them through.
CHAIN = """
CREATE FUNCTION history_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT seq, hash INTO last FROM history WHERE claim_id = NEW.claim_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.salts := history_salts(NEW.message, NEW.changes);
    NEW.erased := '{}';
    NEW.erasure_id := NULL;
    NEW.hash := history_hash(NEW, last.hash);
    INSERT INTO unsealed (history_id) VALUES (NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER history_chain BEFORE INSERT ON history FOR EACH ROW EXECUTE FUNCTION history_chain();

CREATE FUNCTION journal_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(7246255);  -- one at a time: it is written to a few times a day
    SELECT id, hash INTO last FROM journal ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.hash := chain_link(last.hash, jsonb_build_array(
        'journal', NEW.id, chain_time(NEW.at), NEW.kind, NEW.person_id, NEW.body));
    RETURN NEW;
END $$;
CREATE TRIGGER journal_chain BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_chain();
"""

# For whoever owns the tables too. What an owner can do is to drop the triggers, which the checkpoints then show.
APPEND_ONLY = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%% is append-only: %% is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- The one change there may be: parts of the text go, under an erasure that is in the journal, and the chain holds.
CREATE FUNCTION only_an_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parts text[] := ARRAY(SELECT part FROM history_parts(NEW.message, NEW.changes));
    free text[] := '{message,changes,salts,erased,erasure_id}';
BEGIN
    IF EXISTS (SELECT FROM journal WHERE id = NEW.erasure_id AND kind = 'erasure')
        AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
        AND NEW.erased @> OLD.erased
        AND NEW.salts <@ OLD.salts
        AND parts @> ARRAY(SELECT jsonb_object_keys(NEW.salts))
        AND NOT NEW.erased ?| parts
        AND history_digests(NEW.message, NEW.changes, NEW.salts, NEW.erased)
            = history_digests(OLD.message, OLD.changes, OLD.salts, OLD.erased)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'history is append-only: UPDATE is refused' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER history_update BEFORE UPDATE ON history FOR EACH ROW EXECUTE FUNCTION only_an_erasure();
CREATE TRIGGER history_delete BEFORE DELETE ON history FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER history_truncate BEFORE TRUNCATE ON history EXECUTE FUNCTION append_only();
CREATE TRIGGER journal_change BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER journal_truncate BEFORE TRUNCATE ON journal EXECUTE FUNCTION append_only();
CREATE TRIGGER checkpoints_change BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER checkpoints_truncate BEFORE TRUNCATE ON checkpoints EXECUTE FUNCTION append_only();
-- Also where a session calls itself a replica, which skips other triggers.
ALTER TABLE history ENABLE ALWAYS TRIGGER history_update;
ALTER TABLE history ENABLE ALWAYS TRIGGER history_delete;
ALTER TABLE history ENABLE ALWAYS TRIGGER history_truncate;
ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_change;
ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_truncate;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER checkpoints_change;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER checkpoints_truncate;
"""


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_journal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("history_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("hashes", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("journal_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "unsealed",
        sa.Column("history_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_unsealed")),
    )
    op.add_column("history", sa.Column("seq", sa.BigInteger()))
    op.add_column("history", sa.Column("salts", postgresql.JSONB(astext_type=sa.Text())))
    op.add_column("history", sa.Column("erased", postgresql.JSONB(astext_type=sa.Text())))
    op.add_column("history", sa.Column("erasure_id", sa.BigInteger()))
    op.add_column("history", sa.Column("hash", sa.LargeBinary()))
    op.create_foreign_key(op.f("fk_history_erasure_id"), "history", "journal", ["erasure_id"], ["id"])
    connection.exec_driver_sql(DIGESTS)
    connection.exec_driver_sql(BACKFILL)
    for column in ("seq", "salts", "erased", "hash"):
        op.alter_column("history", column, nullable=False)
    op.create_unique_constraint(op.f("uq_history_claim_id_seq"), "history", ["claim_id", "seq"])
    connection.exec_driver_sql(CHAIN)
    connection.exec_driver_sql(APPEND_ONLY)


def downgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(
        "DROP TRIGGER history_chain ON history; DROP TRIGGER history_update ON history; "
        "DROP TRIGGER history_delete ON history; DROP TRIGGER history_truncate ON history; "
        "DROP FUNCTION history_hash(history, bytea)"
    )
    op.drop_constraint(op.f("uq_history_claim_id_seq"), "history")
    op.drop_constraint(op.f("fk_history_erasure_id"), "history")
    for column in ("seq", "salts", "erased", "erasure_id", "hash"):
        op.drop_column("history", column)
    for table in ("unsealed", "checkpoints", "journal"):
        op.drop_table(table)
    connection.exec_driver_sql(
        "DROP FUNCTION history_chain; DROP FUNCTION journal_chain; DROP FUNCTION only_an_erasure; "
        "DROP FUNCTION append_only; DROP FUNCTION chain_link; DROP FUNCTION chain_time; "
        "DROP FUNCTION history_digests; DROP FUNCTION history_salts; DROP FUNCTION history_parts"
    )
