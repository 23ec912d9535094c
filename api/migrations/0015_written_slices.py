import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE api_writtenrow AS written SET indicator_id = fact.indicator_id
FROM indicators_observation AS fact WHERE fact.id = written.observation_id;
DELETE FROM api_writtenrow WHERE indicator_id IS NULL;
"""


def indicator(*, null: bool) -> models.ForeignKey:
    return models.ForeignKey(
        null=null,
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="indicators.indicator",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0014_written_rows_go_with_names"),
        ("indicators", "0016_slices_sorted_faster"),
    ]
    operations = [
        migrations.AddField("writtenrow", "indicator", indicator(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("writtenrow", "indicator", indicator(null=False)),
        migrations.AddIndex(
            "writtenrow", models.Index(fields=["indicator", "observation"], name="written_slice")
        ),
    ]
