"""Breaks in series are reference data too."""

from django.db import migrations

TABLE = "indicators_seriesbreak"


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_triggers_on_reference_data"),
        ("indicators", "0003_standings_over_time"),
    ]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER reference_changed AFTER INSERT OR UPDATE OR DELETE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reference_changed();",
            f"DROP TRIGGER reference_changed ON {TABLE};",
        )
    ]
