"""Published observations are kept for ever: the database itself refuses to change or delete one.

Allowed: giving a current row the instant at which it was superseded, once. Simulated rows may be deleted.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION observation_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.simulated THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'Observation % is published and cannot be deleted; withdraw it.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
       AND to_jsonb(NEW) - 'superseded_at' = to_jsonb(OLD) - 'superseded_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Observation % is published and cannot be changed; publish a correction.', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER observation_append_only BEFORE UPDATE OR DELETE ON indicators_observation
    FOR EACH ROW EXECUTE FUNCTION observation_append_only();
"""
DROP = """
DROP TRIGGER observation_append_only ON indicators_observation;
DROP FUNCTION observation_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
