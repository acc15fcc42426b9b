"""Triggers that make the ledger append-only and every entry sum to zero, on both databases.

An entry is open, with a row in `payouts_openentry`, until it is whole. PostgreSQL proves it when its
transaction commits; SQLite has no such trigger, so there the row holds a deferred foreign key that
points nowhere, and nothing commits while it stands.
"""

from django.db import migrations

POSTGRESQL = """
CREATE TABLE payouts_openentry (entry_id bigint PRIMARY KEY);

CREATE FUNCTION payouts_open_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payouts_openentry VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION payouts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION payouts_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
    total numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount_minor), 0) INTO found, total
        FROM payouts_posting WHERE entry_id = NEW.id;
    IF total <> 0 OR found <> NEW.posting_count OR found < 2 THEN
        RAISE EXCEPTION 'journal entry % does not balance: % of % postings, sum %',
            NEW.reference, found, NEW.posting_count, total
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    DELETE FROM payouts_openentry WHERE entry_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION payouts_refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late text;
BEGIN
    SELECT entry.reference INTO late
        FROM (SELECT DISTINCT entry_id FROM fresh) touched
        JOIN payouts_journalentry entry ON entry.id = touched.entry_id
        WHERE NOT EXISTS (SELECT 1 FROM payouts_openentry WHERE entry_id = touched.entry_id)
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal entry % is closed', late
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON payouts_journalentry
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON payouts_posting
    FOR EACH ROW EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON payouts_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON payouts_posting
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER ledger_entry_opens AFTER INSERT ON payouts_journalentry
    FOR EACH ROW EXECUTE FUNCTION payouts_open_entry();
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON payouts_journalentry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payouts_check_entry();
CREATE TRIGGER ledger_entry_closed AFTER INSERT ON payouts_posting
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_refuse_late_posting();
"""

POSTGRESQL_REVERSE = """
DROP TRIGGER ledger_entry_closed ON payouts_posting;
DROP TRIGGER ledger_entry_balances ON payouts_journalentry;
DROP TRIGGER ledger_entry_opens ON payouts_journalentry;
DROP TRIGGER ledger_no_truncate ON payouts_posting;
DROP TRIGGER ledger_no_truncate ON payouts_journalentry;
DROP TRIGGER ledger_append_only ON payouts_posting;
DROP TRIGGER ledger_append_only ON payouts_journalentry;
DROP FUNCTION payouts_refuse_late_posting();
DROP FUNCTION payouts_check_entry();
DROP FUNCTION payouts_open_entry();
DROP FUNCTION payouts_refuse_change();
DROP TABLE payouts_openentry;
"""

SQLITE = [
    """
    CREATE TABLE payouts_openentry (
        entry_id integer PRIMARY KEY,
        balance integer NOT NULL,
        missing integer NOT NULL,
        closed_by integer NOT NULL
            REFERENCES payouts_openentry (entry_id) DEFERRABLE INITIALLY DEFERRED
    )
    """,
    """
    CREATE TRIGGER ledger_entry_opens AFTER INSERT ON payouts_journalentry
    BEGIN
        INSERT INTO payouts_openentry VALUES (NEW.id, 0, NEW.posting_count, -1);
    END
    """,
    """
    CREATE TRIGGER ledger_entry_closed BEFORE INSERT ON payouts_posting
    WHEN NOT EXISTS (SELECT 1 FROM payouts_openentry WHERE entry_id = NEW.entry_id)
    BEGIN
        SELECT RAISE(ABORT, 'the journal entry is closed');
    END
    """,
    # INSERT OR REPLACE deletes without firing the triggers of DELETE, so it is refused here.
    """
    CREATE TRIGGER ledger_no_replace_posting BEFORE INSERT ON payouts_posting
    WHEN EXISTS (SELECT 1 FROM payouts_posting WHERE id = NEW.id)
    BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only');
    END
    """,
    """
    CREATE TRIGGER ledger_no_replace_entry BEFORE INSERT ON payouts_journalentry
    WHEN EXISTS (
        SELECT 1 FROM payouts_journalentry
        WHERE id = NEW.id OR reverses_id = NEW.reverses_id
            OR (cooperative_id = NEW.cooperative_id AND reference = NEW.reference)
    )
    BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only');
    END
    """,
    """
    CREATE TRIGGER ledger_entry_balances AFTER INSERT ON payouts_posting
    BEGIN
        UPDATE payouts_openentry
            SET balance = balance + NEW.amount_minor, missing = missing - 1
            WHERE entry_id = NEW.entry_id;
        SELECT RAISE(ABORT, 'the journal entry does not balance')
            FROM payouts_openentry
            WHERE entry_id = NEW.entry_id AND missing = 0 AND balance <> 0;
        DELETE FROM payouts_openentry WHERE entry_id = NEW.entry_id AND missing = 0;
    END
    """,
] + [
    f"""
    CREATE TRIGGER ledger_append_only_{table}_{event} BEFORE {event} ON payouts_{table}
    BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only');
    END
    """
    for table in ("journalentry", "posting")
    for event in ("UPDATE", "DELETE")
]

SQLITE_REVERSE = [
    f"DROP TRIGGER ledger_append_only_{table}_{event}"
    for table in ("journalentry", "posting")
    for event in ("UPDATE", "DELETE")
] + [
    "DROP TRIGGER ledger_entry_balances",
    "DROP TRIGGER ledger_no_replace_entry",
    "DROP TRIGGER ledger_no_replace_posting",
    "DROP TRIGGER ledger_entry_closed",
    "DROP TRIGGER ledger_entry_opens",
    "DROP TABLE payouts_openentry",
]


def add_guards(_apps, schema_editor):
    _execute(schema_editor, POSTGRESQL, SQLITE)


def remove_guards(_apps, schema_editor):
    _execute(schema_editor, POSTGRESQL_REVERSE, SQLITE_REVERSE)


def _execute(schema_editor, postgresql, sqlite):
    vendor = schema_editor.connection.vendor
    for statement in [postgresql] if vendor == "postgresql" else sqlite:
        # Without parameters, so that PL/pgSQL's own percent signs are left alone.
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_initial")]

    operations = [migrations.RunPython(add_guards, remove_guards)]
