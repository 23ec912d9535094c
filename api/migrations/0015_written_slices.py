import django.db.models.deletion
from django.db import migrations, models

# Written out and in again: changing every row would leave the table twice as large.
FILL = """
CREATE TEMPORARY TABLE written_before ON COMMIT DROP AS
    SELECT written.observation_id, fact.indicator_id, written.form, written.text
    FROM api_writtenrow AS written JOIN indicators_observation AS fact ON fact.id = written.observation_id;
TRUNCATE api_writtenrow;
INSERT INTO api_writtenrow (observation_id, indicator_id, form, text)
    SELECT observation_id, indicator_id, form, text FROM written_before ORDER BY observation_id;
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
