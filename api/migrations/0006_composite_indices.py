"""Composite indices are reference data too; and the parts of a score as the tree that its index is.

What moved a score is kept for the components that moved it; a group above them was moved by their sum.
"""

from django.db import migrations

TABLES = ["indicators_compositeindex", "indicators_indexcomponent"]
TRIGGERS = "\n".join(
    f"CREATE TRIGGER reference_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION reference_changed();"
    for table in TABLES
)
PARTS = """
CREATE FUNCTION api_index_parts(of_index bigint, of_parent bigint, scored jsonb, moves jsonb) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object(
            'code', c.code, 'name_vi', c.name_vi, 'name_en', c.name_en, 'indicator', i.code,
            'value', scored->c.code->'value', 'weight', scored->c.code->'weight',
            'contribution', scored->c.code->'contribution',
            'by_value', coalesce((moves->c.code->>'by_value')::float8, below.by_value),
            'by_weight', coalesce((moves->c.code->>'by_weight')::float8, below.by_weight),
            'parts', below.parts
        ) ORDER BY c.position, c.code), '[]')
        FROM indicators_indexcomponent c
        LEFT JOIN indicators_indicator i ON i.id = c.indicator_id
        CROSS JOIN LATERAL (SELECT api_index_parts(of_index, c.id, scored, moves) AS parts) AS tree
        CROSS JOIN LATERAL (
            SELECT tree.parts, sum((part->>'by_value')::float8) AS by_value,
                sum((part->>'by_weight')::float8) AS by_weight
            FROM json_array_elements(tree.parts) AS part
        ) AS below
        WHERE c.index_id = of_index AND c.parent_id IS NOT DISTINCT FROM of_parent
    );
END $$;
"""
DROP = "\n".join(f"DROP TRIGGER reference_changed ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0005_triggers_on_data_changes"),
        ("indicators", "0007_composite_indices"),
    ]
    operations = [
        migrations.RunSQL(TRIGGERS + PARTS, DROP + "DROP FUNCTION api_index_parts(bigint, bigint, jsonb, jsonb);")
    ]
