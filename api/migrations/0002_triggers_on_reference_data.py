"""Whoever writes reference data leaves a ReferenceChange behind, once a transaction, without locking anybody."""

from django.db import migrations

TABLES = [
    "provinces_geography",
    "provinces_province",
    "provinces_provincedesignation",
    "provinces_boundarychange",
    "provinces_region",
    "provinces_regionmembership",
    "provinces_population",
    "indicators_dimension",
    "indicators_category",
    "indicators_indicator",
    "indicators_indicator_dimensions",
    "indicators_indicatorlink",
    "indicators_period",
    "indicators_source",
    "indicators_target",
]
FUNCTION = """
CREATE FUNCTION reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_referencechange (transaction, instant)
    VALUES (pg_current_xact_id()::text::bigint, now()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""
CREATE = FUNCTION + "\n".join(
    f"CREATE TRIGGER reference_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION reference_changed();"
    for table in TABLES
)
DROP = (
    "\n".join(f"DROP TRIGGER reference_changed ON {table};" for table in TABLES)
    + "\nDROP FUNCTION reference_changed();"
)


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0001_reference_changes"),
        ("provinces", "0001_initial"),
        ("indicators", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
