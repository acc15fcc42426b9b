"""Triggers against what adds up and is wrong all the same, on both databases.

A block may take the place of those that ended only as they were: ended as retired, serials cannot
begin again as held. What was issued, what was removed for good and what a block is locked to never
change, and no serial stands in two lots.
"""

from django.db import migrations

# The blocks of an issuance that were last to hold a serial of the new one and were not alike.
_UNLIKE = """
    SELECT 1 FROM credits_creditblock ended
    WHERE ended.issuance_id = NEW.issuance_id AND NOT ended.is_live
    AND ended.serial_start <= NEW.serial_end AND ended.serial_end >= NEW.serial_start
    AND (ended.status <> NEW.status OR ended.kind <> NEW.kind
        OR ended.locked_until IS DISTINCT FROM NEW.locked_until)
    AND NOT EXISTS (
        SELECT 1 FROM credits_creditblock later
        WHERE later.issuance_id = NEW.issuance_id AND NOT later.is_live AND later.id > ended.id
        AND later.serial_start <= {least}(ended.serial_end, NEW.serial_end)
        AND later.serial_end >= {greatest}(ended.serial_start, NEW.serial_start)
    )
"""
# Names no table that later migrations may rebuild: SQLite would refuse to.
_STRANGE = """
    SELECT 1 FROM credits_issuance
    WHERE id = NEW.issuance_id AND cooperative_id <> NEW.cooperative_id
    UNION ALL
    SELECT 1 FROM credits_creditblock
    WHERE issuance_id = NEW.issuance_id AND project_id <> NEW.project_id
"""
_KINS = """
    FROM credits_creditblock kin
    WHERE kin.issuance_id = NEW.issuance_id AND kin.kind = NEW.kind
"""
# The first block of a kind is issued held or in the buffer; the others lie within its serials.
_UNBORN = f"""
    NOT NEW.is_live OR EXISTS ({_STRANGE})
    OR (EXISTS (SELECT 1 {_KINS}) AND (
        NEW.serial_start < (SELECT min(kin.serial_start) {_KINS})
        OR NEW.serial_end > (SELECT max(kin.serial_end) {_KINS})))
    OR (NOT EXISTS (SELECT 1 {_KINS})
        AND NEW.status <> CASE NEW.kind WHEN 'reserve' THEN 'buffer' ELSE 'held' END)
    OR EXISTS ({_UNLIKE})
"""
# The first lot of a serial is its only one, and lies within the block it sold.
_TWICE = """
    EXISTS (
        SELECT 1 FROM credits_lot other
        JOIN credits_creditblock sold ON sold.id = other.block_id
        JOIN credits_creditblock own ON own.id = NEW.block_id AND own.project_id = sold.project_id
        WHERE other.id <> NEW.id AND other.serial_start <= NEW.serial_end
        AND other.serial_end >= NEW.serial_start)
    OR EXISTS (
        SELECT 1 FROM credits_creditblock own WHERE own.id = NEW.block_id
        AND (NEW.serial_start < own.serial_start OR NEW.serial_end > own.serial_end))
"""


def _refuse(name, condition, told):
    return f"""
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {condition} THEN
            RAISE EXCEPTION '{told}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
    """


# table, name, event, condition on PostgreSQL, condition on SQLite, what is told
GUARDS = (
    (
        "creditblock",
        "blocks_succeed",
        "INSERT",
        _UNBORN.format(least="least", greatest="greatest"),
        # IS NOT is what SQLite of before 3.39 calls it.
        _UNBORN.format(least="min", greatest="max").replace("IS DISTINCT FROM", "IS NOT"),
        "a credit block begins as those that ended were",
    ),
    (
        "creditblock",
        "blocks_owned",
        "UPDATE",
        "(OLD.cooperative_id, OLD.locked_until) IS DISTINCT FROM"
        " (NEW.cooperative_id, NEW.locked_until)",
        "OLD.cooperative_id <> NEW.cooperative_id OR OLD.locked_until IS NOT NEW.locked_until",
        "the credit block does not change any more",
    ),
    ("issuance", "blocks_stand", "UPDATE", "true", "true", "what was issued does not change"),
    (
        "removal",
        "blocks_removed",
        "UPDATE",
        "OLD.status <> 'proposed'",
        "OLD.status <> 'proposed'",
        "what was decided does not change any more",
    ),
    (
        "removal",
        "blocks_removed_kept",
        "DELETE",
        "OLD.status <> 'proposed'",
        "OLD.status <> 'proposed'",
        "what was decided stays on record",
    ),
    ("lot", "blocks_sold_once", "INSERT", _TWICE, _TWICE, "the serials are another lot''s"),
)


def add_guards(_apps, schema_editor):
    for table, name, event, postgresql, sqlite, told in GUARDS:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_refuse(f"credits_{name}", postgresql, told), params=None)
            body = f"FOR EACH ROW EXECUTE FUNCTION credits_{name}()"
        else:
            body = f"WHEN {sqlite} BEGIN SELECT RAISE(ABORT, '{told}'); END"
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON credits_{table} {body}", params=None
        )


def remove_guards(_apps, schema_editor):
    for table, name, *_rest in GUARDS:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {name} ON credits_{table}")
            schema_editor.execute(f"DROP FUNCTION credits_{name}()")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("credits", "0008_sample_soil")]

    operations = [migrations.RunPython(add_guards, remove_guards)]
