"""PostgreSQL's side of recording changes: one function for all tables, once per statement.

It reads all rows that a statement wrote from the statement's transition tables; columns are found
by name at run time, so that one added tomorrow is recorded, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from aggregator.watched import Watch

# audit_tell: the columns of a row as they are shown. Trigger arguments: kind of the row, columns
# left out, hidden columns with the name under which they are told of, column of the cooperative.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'records of changes are append-only: % on %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE OR REPLACE FUNCTION audit_hide(value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN value IS NULL OR value IN ('null', '""') THEN '""'::jsonb
        ELSE '"•••"'::jsonb END
$$;

CREATE OR REPLACE FUNCTION audit_tell(told jsonb, hidden jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(CASE WHEN hidden = '{}' THEN told - '{id,cooperative_id}'::text[]
        ELSE told - '{id,cooperative_id}'::text[]
            - ARRAY(SELECT jsonb_object_keys(hidden))
            || (SELECT jsonb_object_agg(shown, audit_hide(told -> name))
                FROM jsonb_each_text(hidden) AS h (name, shown)) END)
$$;

CREATE OR REPLACE FUNCTION audit_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := TG_ARGV[0];
    ignored text[] := TG_ARGV[1];
    hidden jsonb := TG_ARGV[2];
    owner text := TG_ARGV[3];
    by_whom integer := nullif(current_setting('tianhui.by', true), '');
    member bigint := nullif(current_setting('tianhui.household', true), '');
    door text := coalesce(current_setting('tianhui.via', true), '');
    began bigint := extract(epoch FROM transaction_timestamp()) * 1000000;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO aggregator_recordchange (cooperative_id, at, by_id, household_id, via,
                change_set, action, object_type, object_id, after)
            SELECT (told ->> owner)::bigint, statement_timestamp(), by_whom, member, door,
                began, 'added', kind, (told ->> 'id')::bigint, audit_tell(told, hidden)
            FROM (SELECT to_jsonb(n) - ignored FROM new_rows AS n) AS fresh (told)
            WHERE told -> owner <> 'null';
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO aggregator_recordchange (cooperative_id, at, by_id, household_id, via,
                change_set, action, object_type, object_id, before)
            SELECT (told ->> owner)::bigint, statement_timestamp(), by_whom, member, door,
                began, 'removed', kind, (told ->> 'id')::bigint, audit_tell(told, hidden)
            FROM (SELECT to_jsonb(o) - ignored FROM old_rows AS o) AS gone (told)
            WHERE told -> owner <> 'null';
    ELSE
        -- A changed key leaves one row without its other half: removed here, added there.
        INSERT INTO aggregator_recordchange (cooperative_id, at, by_id, household_id, via,
                change_set, action, object_type, object_id, before, after)
            SELECT coalesce(new_told ->> owner, old_told ->> owner)::bigint,
                statement_timestamp(), by_whom, member, door, began,
                CASE WHEN old_told IS NULL THEN 'added'
                    WHEN new_told IS NULL THEN 'removed' ELSE 'changed' END,
                kind, coalesce(new_told ->> 'id', old_told ->> 'id')::bigint, was, now_is
            FROM (SELECT to_jsonb(o) - ignored, to_jsonb(n) - ignored
                FROM old_rows AS o FULL JOIN new_rows AS n ON o.id = n.id
                WHERE o IS DISTINCT FROM n) AS pair (old_told, new_told)
            CROSS JOIN LATERAL (
                SELECT jsonb_object_agg(coalesce(hidden ->> name, name),
                        CASE WHEN hidden ? name THEN audit_hide(old_told -> name)
                        ELSE old_told -> name END),
                    jsonb_object_agg(coalesce(hidden ->> name, name),
                        CASE WHEN hidden ? name THEN audit_hide(new_told -> name)
                        ELSE new_told -> name END)
                FROM jsonb_object_keys(coalesce(new_told, old_told)) AS columns (name)
                WHERE old_told -> name IS DISTINCT FROM new_told -> name
            ) AS difference (was, now_is)
            WHERE was IS NOT NULL AND coalesce(new_told -> owner, old_told -> owner) <> 'null';
    END IF;
    RETURN NULL;
END $$;
"""
_TRANSITION = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def postgresql_triggers(
    watches: Iterable[Watch], append_only: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    """Table, name and definition of every trigger."""
    for table in append_only:
        yield (
            table,
            "append_only",
            f"CREATE TRIGGER {{name}} BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()",
        )
        yield table, "no_truncate", _refuse_truncate(table)
    for watch in watches:
        # TRUNCATE shows no rows to a trigger: what cannot be recorded is refused.
        yield watch.table, "no_truncate", _refuse_truncate(watch.table)
        for event in ("INSERT", "UPDATE", "DELETE"):
            if watch.additions or event != "INSERT":
                yield watch.table, event.lower(), _recording(watch, event)


def _refuse_truncate(table: str) -> str:
    return (
        f"CREATE TRIGGER {{name}} BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
    )


def _recording(watch: Watch, event: str) -> str:
    ignored = "{" + ",".join(sorted(watch.ignored)) + "}"
    hidden = json.dumps(watch.hidden, sort_keys=True)
    return (
        f"CREATE TRIGGER {{name}} AFTER {event} ON {watch.table}"
        f" REFERENCING {_TRANSITION[event]} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION audit_record('{watch.kind}', '{ignored}', '{hidden}', '{watch.owner}')"
    )
