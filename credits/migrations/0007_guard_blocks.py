"""Triggers that hold the life of credit blocks to its laws, on both databases.

No two live blocks of a project share a serial. A block's range never changes, a block that was
split or merged stays as it is, and a status moves only along the allowed edges. At the end of a
transaction the live blocks of an issuance hold exactly the tonnes that were issued. SQLite has no
trigger that fires then, so there a row in `credits_openissuance` holds a deferred foreign key that
points nowhere while an issuance does not add up, and nothing commits while it stands.
"""

from django.db import migrations

EDGES = (
    ("held", "reserved"),
    ("held", "transferred"),
    ("held", "retired"),
    ("held", "cancelled"),
    ("reserved", "held"),
    ("reserved", "transferred"),
    ("reserved", "retired"),
    ("reserved", "cancelled"),
    ("transferred", "retired"),
    ("transferred", "cancelled"),
    ("buffer", "held"),
    ("buffer", "cancelled"),
)
ALLOWED = ", ".join(f"'{before}>{after}'" for before, after in EDGES)

POSTGRESQL = f"""
ALTER TABLE credits_creditblock ADD CONSTRAINT block_live_serials_once EXCLUDE USING gist (
    int8range(project_id, project_id, '[]') WITH &&,
    int8range(serial_start, serial_end, '[]') WITH &&
) WHERE (is_live);

CREATE FUNCTION credits_guard_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT OLD.is_live OR (OLD.issuance_id, OLD.project_id, OLD.kind, OLD.serial_start,
            OLD.serial_end) IS DISTINCT FROM (NEW.issuance_id, NEW.project_id, NEW.kind,
            NEW.serial_start, NEW.serial_end) THEN
        RAISE EXCEPTION 'credit block % does not change any more', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN ({ALLOWED}) THEN
        RAISE EXCEPTION 'credit block % may not pass from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION credits_check_issuance(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    issued numeric;
    kept numeric;
BEGIN
    SELECT sellable_t + reserve_t INTO issued FROM credits_issuance WHERE id = which;
    SELECT coalesce(sum(serial_end - serial_start + 1), 0) INTO kept
        FROM credits_creditblock WHERE issuance_id = which AND is_live;
    IF coalesce(issued, 0) <> kept THEN
        RAISE EXCEPTION 'issuance %: % t issued, % t in live blocks', which, issued, kept
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;

CREATE FUNCTION credits_check_of_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM credits_check_issuance(CASE WHEN TG_OP = 'DELETE' THEN OLD.issuance_id
        ELSE NEW.issuance_id END);
    RETURN NULL;
END $$;

CREATE FUNCTION credits_check_of_issuance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM credits_check_issuance(NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER blocks_edges BEFORE UPDATE ON credits_creditblock
    FOR EACH ROW EXECUTE FUNCTION credits_guard_block();
CREATE CONSTRAINT TRIGGER blocks_conserve AFTER INSERT OR UPDATE OR DELETE ON credits_creditblock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits_check_of_block();
CREATE CONSTRAINT TRIGGER blocks_conserve AFTER INSERT OR UPDATE ON credits_issuance
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits_check_of_issuance();
"""

POSTGRESQL_REVERSE = """
DROP TRIGGER blocks_conserve ON credits_issuance;
DROP TRIGGER blocks_conserve ON credits_creditblock;
DROP TRIGGER blocks_edges ON credits_creditblock;
DROP FUNCTION credits_check_of_issuance();
DROP FUNCTION credits_check_of_block();
DROP FUNCTION credits_check_issuance(bigint);
DROP FUNCTION credits_guard_block();
ALTER TABLE credits_creditblock DROP CONSTRAINT block_live_serials_once;
"""

OVERLAP = """
    SELECT RAISE(ABORT, 'live credit blocks share a serial') FROM credits_creditblock
        WHERE project_id = NEW.project_id AND is_live AND id <> NEW.id
        AND serial_start <= NEW.serial_end AND serial_end >= NEW.serial_start LIMIT 1;
"""


def _count(issuance, tonnes):
    """Add to what an issuance misses; the row goes when nothing is missing."""
    return f"""
        INSERT INTO credits_openissuance SELECT {issuance}, 0, -1
            WHERE NOT EXISTS (SELECT 1 FROM credits_openissuance WHERE issuance_id = {issuance});
        UPDATE credits_openissuance SET missing = missing + ({tonnes})
            WHERE issuance_id = {issuance};
        DELETE FROM credits_openissuance WHERE issuance_id = {issuance} AND missing = 0;
    """


_NEW = "NEW.serial_end - NEW.serial_start + 1"
_OLD = "OLD.serial_end - OLD.serial_start + 1"
SQLITE = {
    "blocks_apart": ("BEFORE INSERT ON credits_creditblock WHEN NEW.is_live", OVERLAP),
    # INSERT OR REPLACE deletes without firing the triggers of DELETE, so it is refused here.
    "blocks_no_replace": (
        "BEFORE INSERT ON credits_creditblock"
        " WHEN EXISTS (SELECT 1 FROM credits_creditblock WHERE id = NEW.id)",
        "SELECT RAISE(ABORT, 'a credit block is not replaced');",
    ),
    "blocks_stay": (
        "BEFORE UPDATE ON credits_creditblock WHEN NOT OLD.is_live"
        " OR OLD.issuance_id <> NEW.issuance_id OR OLD.project_id <> NEW.project_id"
        " OR OLD.kind <> NEW.kind OR OLD.serial_start <> NEW.serial_start"
        " OR OLD.serial_end <> NEW.serial_end",
        "SELECT RAISE(ABORT, 'the credit block does not change any more');",
    ),
    "blocks_edges": (
        "BEFORE UPDATE ON credits_creditblock WHEN OLD.status <> NEW.status"
        f" AND OLD.status || '>' || NEW.status NOT IN ({ALLOWED})",
        "SELECT RAISE(ABORT, 'the credit block may not pass to that status');",
    ),
    "blocks_counted": (
        "AFTER INSERT ON credits_creditblock WHEN NEW.is_live",
        _count("NEW.issuance_id", f"-({_NEW})"),
    ),
    "blocks_ended": (
        "AFTER UPDATE ON credits_creditblock WHEN OLD.is_live AND NOT NEW.is_live",
        _count("NEW.issuance_id", _NEW),
    ),
    "blocks_gone": (
        "AFTER DELETE ON credits_creditblock WHEN OLD.is_live",
        _count("OLD.issuance_id", _OLD),
    ),
    "blocks_issued": (
        "AFTER INSERT ON credits_issuance",
        _count("NEW.id", "NEW.sellable_t + NEW.reserve_t"),
    ),
    "blocks_reissued": (
        "AFTER UPDATE OF sellable_t, reserve_t ON credits_issuance",
        _count("NEW.id", "NEW.sellable_t + NEW.reserve_t - OLD.sellable_t - OLD.reserve_t"),
    ),
    "blocks_unissued": (
        "AFTER DELETE ON credits_issuance",
        _count("OLD.id", "-(OLD.sellable_t + OLD.reserve_t)"),
    ),
}
OPEN_ISSUANCE = """
    CREATE TABLE credits_openissuance (
        issuance_id integer PRIMARY KEY,
        missing integer NOT NULL,
        closed_by integer NOT NULL
            REFERENCES credits_openissuance (issuance_id) DEFERRABLE INITIALLY DEFERRED
    )
"""


def add_guards(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    schema_editor.execute(OPEN_ISSUANCE, params=None)
    for name, (when, body) in SQLITE.items():
        schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN {body} END", params=None)


def remove_guards(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_REVERSE, params=None)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")
    schema_editor.execute("DROP TABLE credits_openissuance")


class Migration(migrations.Migration):
    dependencies = [("credits", "0006_part_sold_blocks")]

    operations = [migrations.RunPython(add_guards, remove_guards)]
