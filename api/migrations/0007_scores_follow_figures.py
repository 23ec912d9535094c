"""Scores of indices are written after the aggregates that they follow from, in a transaction of their own:
they leave a mark of their own, as wide as that of their components' aggregates."""

from django.db import migrations

SCORES = """
CREATE FUNCTION api_note_scores() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_datachange (kind, instant, transaction, indicators, periods)
    SELECT 'computed', clock_timestamp(), 0,
        (SELECT array_agg(DISTINCT c.indicator_id) FROM indicators_indexcomponent c
         WHERE c.index_id IN (SELECT index_id FROM touched) AND c.indicator_id IS NOT NULL),
        (SELECT array_agg(code) FROM indicators_period WHERE id IN (SELECT period_id FROM touched))
    WHERE EXISTS (SELECT FROM touched);
    RETURN NULL;
END $$;
CREATE TRIGGER note_scores_made AFTER INSERT ON indicators_indexscore
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION api_note_scores();
CREATE TRIGGER note_scores_gone AFTER DELETE ON indicators_indexscore
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION api_note_scores();
"""
DROP = """
DROP TRIGGER note_scores_made ON indicators_indexscore;
DROP TRIGGER note_scores_gone ON indicators_indexscore;
DROP FUNCTION api_note_scores();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0006_composite_indices"),
        ("indicators", "0009_pending_in_two_steps"),
    ]
    operations = [migrations.RunSQL(SCORES, DROP)]
