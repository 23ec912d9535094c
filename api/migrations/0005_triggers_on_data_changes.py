"""Whoever changes what answers are made of leaves a DataChange behind.

Rows are written where the change is made and numbered at the commit, under the lock of the one row of
DataState: nobody waits longer than another's commit takes, and numbers become visible in their order. The
number is the time in microseconds, or one more than the last: after a backup was put back it does not begin
again with numbers that copies out there already name.
"""

from django.db import migrations

NUMBER = """
CREATE FUNCTION api_number_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
BEGIN
    INSERT INTO api_datastate AS state (id, number) VALUES (1, next)
        ON CONFLICT (id) DO UPDATE SET number = greatest(state.number + 1, next) RETURNING number INTO next;
    UPDATE api_datachange SET number = next, instant = clock_timestamp() WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER number_change AFTER INSERT ON api_datachange DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION api_number_change();

CREATE FUNCTION api_note_change(what text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO api_datachange (kind, instant, transaction)
    VALUES (what, clock_timestamp(), pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING
$$;
"""
# A period or a document more changes no other answer: publications bring them along. Everything else may.
REFERENCE = """
CREATE OR REPLACE FUNCTION reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api_note_change(CASE
        WHEN TG_TABLE_NAME = 'indicators_target' THEN 'targets'
        WHEN TG_OP <> 'INSERT' THEN 'reference'
        WHEN TG_TABLE_NAME = 'indicators_period' THEN 'periods'
        WHEN TG_TABLE_NAME = 'indicators_source' THEN 'sources'
        ELSE 'reference' END);
    RETURN NULL;
END $$;
"""
# A publication's facts are recorded after it: what they are is asked at the commit.
FACTS = """
CREATE FUNCTION api_note_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_datachange (kind, instant, transaction, indicators, provinces, periods)
    SELECT 'facts', clock_timestamp(), NEW.id,
        (SELECT array_agg(DISTINCT indicator_id) FROM indicators_observation WHERE publication_id = NEW.id),
        (SELECT array_agg(DISTINCT province_id) FROM indicators_observation WHERE publication_id = NEW.id),
        (SELECT array_agg(code) FROM indicators_period WHERE id IN
            (SELECT period_id FROM indicators_observation WHERE publication_id = NEW.id))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER note_publication AFTER INSERT ON indicators_publication
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION api_note_publication();

CREATE FUNCTION api_note_facts_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api_note_change('facts');
    PERFORM api_note_change('computed');
    RETURN NULL;
END $$;
CREATE TRIGGER note_facts_removed AFTER DELETE ON indicators_publication
    FOR EACH STATEMENT EXECUTE FUNCTION api_note_facts_removed();

CREATE FUNCTION api_note_contradictions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_datachange (kind, instant, transaction, indicators, provinces, periods)
    SELECT 'facts', clock_timestamp(), 0, array_agg(DISTINCT o.indicator_id),
        array_agg(DISTINCT o.province_id), array_agg(DISTINCT p.code)
    FROM touched t
    JOIN indicators_observation o ON o.id = t.observation_id
    JOIN indicators_period p ON p.id = o.period_id
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER note_contradictions_found AFTER INSERT ON indicators_contradiction
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION api_note_contradictions();
CREATE TRIGGER note_contradictions_gone AFTER DELETE ON indicators_contradiction
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION api_note_contradictions();
"""
# Standings are replaced together with the aggregates of the same indicators and periods, in one transaction;
# only a full rebuild puts right the one without the other.
COMPUTED = """
CREATE FUNCTION api_note_aggregates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_datachange (kind, instant, transaction, indicators, periods)
    SELECT 'computed', clock_timestamp(), 0,
        (SELECT array_agg(DISTINCT indicator_id) FROM touched),
        (SELECT array_agg(code) FROM indicators_period WHERE id IN (SELECT period_id FROM touched))
    WHERE EXISTS (SELECT FROM touched);
    RETURN NULL;
END $$;
CREATE TRIGGER note_aggregates_made AFTER INSERT ON indicators_aggregate
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION api_note_aggregates();
CREATE TRIGGER note_aggregates_gone AFTER DELETE ON indicators_aggregate
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION api_note_aggregates();

CREATE FUNCTION api_note_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM api_note_change('runs');
    IF TG_OP = 'UPDATE' AND NEW.scope = 'full' AND NEW.differences > 0 THEN
        PERFORM api_note_change('computed');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_run AFTER INSERT OR UPDATE OR DELETE ON indicators_recomputerun
    FOR EACH ROW EXECUTE FUNCTION api_note_run();
"""
# Copies given before this migration are asked for anew once.
BEGIN = "SELECT api_note_change('reference');"
DROP = """
DROP TRIGGER note_run ON indicators_recomputerun;
DROP TRIGGER note_aggregates_made ON indicators_aggregate;
DROP TRIGGER note_aggregates_gone ON indicators_aggregate;
DROP TRIGGER note_contradictions_found ON indicators_contradiction;
DROP TRIGGER note_contradictions_gone ON indicators_contradiction;
DROP TRIGGER note_publication ON indicators_publication;
DROP TRIGGER note_facts_removed ON indicators_publication;
DROP TRIGGER number_change ON api_datachange;
DROP FUNCTION api_note_run();
DROP FUNCTION api_note_aggregates();
DROP FUNCTION api_note_contradictions();
DROP FUNCTION api_note_publication();
DROP FUNCTION api_note_facts_removed();
DROP FUNCTION api_number_change();
CREATE OR REPLACE FUNCTION reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_referencechange (transaction, instant)
    VALUES (pg_current_xact_id()::text::bigint, now()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
DROP FUNCTION api_note_change(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0004_data_changes"),
        ("indicators", "0008_one_index_each"),
    ]
    operations = [migrations.RunSQL(NUMBER + REFERENCE + FACTS + COMPUTED + BEGIN, DROP)]
