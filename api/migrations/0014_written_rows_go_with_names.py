"""A written row goes in the transaction that changes a name it holds, or that removes its fact.

The state's row is taken first: whoever is writing rows with the old name is waited for, and nobody writes any
until the new name can be read.
"""

from django.db import migrations

#: Which column of a fact leads to each table; a dimension is named through its categories.
NAMED = {
    "provinces_province": "province_id",
    "indicators_indicator": "indicator_id",
    "indicators_period": "period_id",
    "indicators_category": "category_id",
    "indicators_source": "source_id",
    "indicators_dimension": "",
}
FUNCTIONS = """
INSERT INTO api_writingstate (id, position) VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE FUNCTION api_begin_writing_anew() RETURNS void LANGUAGE sql AS $$
    INSERT INTO api_writingstate (id, position) VALUES (1, 0)
    ON CONFLICT (id) DO UPDATE SET position = 0
$$;
CREATE FUNCTION api_unwrite_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[] := (SELECT array_agg(n.id) FROM now_so n JOIN once_so o ON o.id = n.id
                      WHERE n IS DISTINCT FROM o);
    by_column text := TG_ARGV[0];
BEGIN
    IF keys IS NULL THEN
        RETURN NULL;
    END IF;
    IF by_column = '' THEN
        keys := (SELECT array_agg(id) FROM indicators_category WHERE dimension_id = ANY(keys));
        by_column := 'category_id';
    END IF;
    PERFORM api_begin_writing_anew();
    EXECUTE format('DELETE FROM api_writtenrow w USING indicators_observation o
                    WHERE o.id = w.observation_id AND o.%I = ANY($1)', by_column) USING keys;
    RETURN NULL;
END $$;
CREATE FUNCTION api_unwrite_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api_begin_writing_anew();
    DELETE FROM api_writtenrow WHERE observation_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER unwrite_removed AFTER DELETE ON indicators_observation
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION api_unwrite_removed();
"""
TRIGGERS = "\n".join(
    f"CREATE TRIGGER unwrite_renamed AFTER UPDATE ON {table} REFERENCING OLD TABLE AS once_so NEW TABLE AS now_so "
    f"FOR EACH STATEMENT EXECUTE FUNCTION api_unwrite_renamed('{column}');"
    for table, column in NAMED.items()
)
DROP = "\n".join(f"DROP TRIGGER unwrite_renamed ON {table};" for table in NAMED)
DROP += """
DROP TRIGGER unwrite_removed ON indicators_observation;
DROP FUNCTION api_unwrite_removed();
DROP FUNCTION api_unwrite_renamed();
DROP FUNCTION api_begin_writing_anew();
DROP FUNCTION IF EXISTS api_row_text(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0013_written_rows"), ("indicators", "0009_pending_in_two_steps")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, DROP)]
