from django.db import migrations, models

REASONS = [
    ("predecessor_missing", "not restated: not every province that merged into it reported"),
    (
        "counts_missing",
        "not restated: percentages are not averaged, and the counts behind them are not all known",
    ),
    ("not_restatable", "not restated: an average or an index of merged provinces cannot be worked out"),
    ("no_predecessor", "not restated: no province became this one"),
    ("divided", "not restated: a province was divided between several"),
]
#: Rows that said "not_restatable" of every reason are computed again.
COMPUTE_AGAIN = """
INSERT INTO indicators_pendingrecompute (indicator_id, period_id, simulated, publication_id)
SELECT DISTINCT s.indicator_id, s.period_id, s.simulated, (SELECT max(id) FROM indicators_publication)
FROM indicators_standing s WHERE s.missing_reason <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0009_pending_in_two_steps")]

    operations = [
        migrations.AlterField(
            model_name="standing",
            name="missing_reason",
            field=models.CharField(blank=True, choices=REASONS, max_length=20),
        ),
        migrations.RunSQL(COMPUTE_AGAIN, migrations.RunSQL.noop),
    ]
