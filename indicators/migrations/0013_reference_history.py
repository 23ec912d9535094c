"""Every reference table gets a history: triggers keep each row as it stood from each change on.

A change becomes known at an instant that no later reader is told otherwise of: under a lock that whoever asks
for a past instant waits for, at the commit; or together with the facts of its transaction, whose lock readers
wait for too. It comes after the API's numbering of the same statement ("reference_changed" is fired before
"reference_history_…"), so that no two transactions take the two locks in different orders.

What stands when the history begins counts as known since the first publication: nothing was answered before.
"""

import django.db.models.deletion
from django.db import migrations, models

RELATIONS = [
    *("provinces_geography", "provinces_province", "provinces_provincedesignation"),
    *("provinces_boundarychange", "provinces_region", "provinces_regionmembership", "provinces_population"),
    *("indicators_dimension", "indicators_category", "indicators_indicator"),
    *("indicators_indicator_dimensions", "indicators_indicatorlink", "indicators_seriesbreak"),
    *("indicators_period", "indicators_source", "indicators_target"),
    *("indicators_compositeindex", "indicators_indexcomponent"),
]
CHANGES = """
CREATE FUNCTION reference_change() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    own bigint := pg_current_xact_id()::text::bigint;
    found bigint;
BEGIN
    SELECT id INTO found FROM indicators_referencechange WHERE transaction = own;
    IF found IS NULL THEN
        INSERT INTO indicators_referencechange (instant, transaction) VALUES (clock_timestamp(), own)
        RETURNING id INTO found;
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION settle_reference_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(x'71050004'::bigint);  -- REFERENCE_LOCK
    UPDATE indicators_referencechange SET transaction = NULL, instant = coalesce(
        nullif(current_setting('reference.published_at', true), '')::timestamptz, clock_timestamp()
    ) WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settle_reference_change AFTER INSERT ON indicators_referencechange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settle_reference_change();

CREATE FUNCTION note_first_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('reference.published_at', true), '') = '' THEN
        PERFORM set_config('reference.published_at', NEW.instant::text, true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_first_publication AFTER INSERT ON indicators_publication
    FOR EACH ROW EXECUTE FUNCTION note_first_publication();
"""
# Rows are compared by their bytes (*=): 1.0 and 1.00 are equal numbers, and do not say the same.
VERSIONS = """
CREATE FUNCTION keep_reference_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO indicators_referenceversion (change_id, relation, key, content)
        SELECT (SELECT reference_change()), TG_TABLE_NAME, id, to_jsonb(fresh) FROM fresh ORDER BY id;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO indicators_referenceversion (change_id, relation, key, content)
        SELECT (SELECT reference_change()), TG_TABLE_NAME, id, to_jsonb(fresh)
        FROM fresh JOIN stale USING (id) WHERE NOT fresh *= stale ORDER BY id;
    ELSE
        INSERT INTO indicators_referenceversion (change_id, relation, key)
        SELECT (SELECT reference_change()), TG_TABLE_NAME, id FROM stale ORDER BY id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION keep_history_of(relation text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER reference_history_insert AFTER INSERT ON %I
        REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION keep_reference_version()', relation);
    EXECUTE format('CREATE TRIGGER reference_history_update AFTER UPDATE ON %I
        REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION keep_reference_version()', relation);
    EXECUTE format('CREATE TRIGGER reference_history_delete AFTER DELETE ON %I
        REFERENCING OLD TABLE AS stale
        FOR EACH STATEMENT EXECUTE FUNCTION keep_reference_version()', relation);
    EXECUTE format('INSERT INTO indicators_referenceversion (change_id, relation, key, content)
        SELECT (SELECT reference_change()), %L, id, to_jsonb(present) FROM %I AS present ORDER BY id',
        relation, relation);
END $$;
"""
APPEND_ONLY = """
CREATE FUNCTION reference_history_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The history of reference data cannot be changed or deleted.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON indicators_referenceversion
    FOR EACH ROW EXECUTE FUNCTION reference_history_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON indicators_referencechange
    FOR EACH ROW WHEN (OLD.transaction IS NULL) EXECUTE FUNCTION reference_history_append_only();
"""
BEGIN = """
SELECT set_config('reference.published_at', min(instant)::text, true) FROM indicators_publication
HAVING count(*) > 0;
""" + "\n".join(f"SELECT keep_history_of('{relation}');" for relation in RELATIONS)
# What waits for the commit is done now: indexes are made after it.
BEGIN += "\nSET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"
DROP = "\n".join(
    f"DROP TRIGGER reference_history_{event} ON {relation};"
    for relation in RELATIONS
    for event in ("insert", "update", "delete")
) + """
DROP TRIGGER note_first_publication ON indicators_publication;
DROP TRIGGER append_only ON indicators_referencechange;
DROP TRIGGER append_only ON indicators_referenceversion;
DROP TRIGGER settle_reference_change ON indicators_referencechange;
DROP FUNCTION reference_history_append_only();
DROP FUNCTION keep_history_of(text);
DROP FUNCTION keep_reference_version();
DROP FUNCTION note_first_publication();
DROP FUNCTION settle_reference_change();
DROP FUNCTION reference_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0012_target_verdicts"),
        ("provinces", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instant", models.DateTimeField(db_index=True)),
                ("transaction", models.BigIntegerField(null=True, unique=True)),
            ],
            options={"ordering": ["instant", "id"]},
        ),
        migrations.CreateModel(
            name="ReferenceVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("relation", models.CharField(max_length=63)),
                ("key", models.BigIntegerField()),
                ("content", models.JSONField(null=True)),
                (
                    "change",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="versions",
                        to="indicators.referencechange",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["relation", "key"], name="reference_version_of_row")],
            },
        ),
        migrations.RunSQL(CHANGES + VERSIONS + APPEND_ONLY + BEGIN, DROP),
    ]
