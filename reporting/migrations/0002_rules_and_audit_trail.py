"""What one table's constraint cannot hold: used forms stay as they are, accepted submissions too, a province
reports for its lifetime only, and every change of forms, figures, people and permissions leaves a trace.
"""

from django.db import migrations

USED_FORMS = """
CREATE FUNCTION reporting_form_is_used(form bigint) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT 1 FROM reporting_submission WHERE form_id = form) $$;

CREATE FUNCTION reporting_refuse_used_form() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows jsonb[] := ARRAY[]::jsonb[];
    one jsonb;
    form bigint;
BEGIN
    IF TG_TABLE_NAME = 'reporting_reportingform' AND TG_OP = 'UPDATE'
       AND to_jsonb(NEW) - 'applies_to' = to_jsonb(OLD) - 'applies_to' THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN rows := rows || to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN rows := rows || to_jsonb(NEW); END IF;
    FOREACH one IN ARRAY rows LOOP
        form := CASE TG_TABLE_NAME
            WHEN 'reporting_reportingform' THEN (one->>'id')::bigint
            WHEN 'reporting_formline' THEN
                (SELECT form_id FROM reporting_formsection WHERE id = (one->>'section_id')::bigint)
            WHEN 'reporting_formsection' THEN (one->>'form_id')::bigint
            ELSE (one->>'reportingform_id')::bigint END;
        IF reporting_form_is_used(form) THEN
            RAISE EXCEPTION 'Form % is in use and stays as it is; make a new version.', form
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'form_used_is_frozen';
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER form_used_is_frozen BEFORE UPDATE OR DELETE ON reporting_reportingform
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_used_form();
CREATE TRIGGER form_used_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON reporting_formsection
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_used_form();
CREATE TRIGGER form_used_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON reporting_formline
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_used_form();
CREATE TRIGGER form_used_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON reporting_reportingform_provinces
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_used_form();
"""
DROP_USED_FORMS = """
DROP TRIGGER form_used_is_frozen ON reporting_reportingform;
DROP TRIGGER form_used_is_frozen ON reporting_formsection;
DROP TRIGGER form_used_is_frozen ON reporting_formline;
DROP TRIGGER form_used_is_frozen ON reporting_reportingform_provinces;
DROP FUNCTION reporting_refuse_used_form();
DROP FUNCTION reporting_form_is_used(bigint);
"""

LINES = """
CREATE FUNCTION reporting_line_once_per_form() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reporting_formline other
        JOIN reporting_formsection section ON section.id = other.section_id
        WHERE other.id <> NEW.id AND other.indicator_id = NEW.indicator_id
          AND other.category_id IS NOT DISTINCT FROM NEW.category_id
          AND section.form_id = (SELECT form_id FROM reporting_formsection WHERE id = NEW.section_id)
    ) THEN
        RAISE EXCEPTION 'The form asks for indicator % twice.', NEW.indicator_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_once_per_form';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER line_once_per_form AFTER INSERT OR UPDATE ON reporting_formline
    FOR EACH ROW EXECUTE FUNCTION reporting_line_once_per_form();
"""
DROP_LINES = """
DROP TRIGGER line_once_per_form ON reporting_formline;
DROP FUNCTION reporting_line_once_per_form();
"""

SUBMISSIONS = """
CREATE FUNCTION reporting_submission_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    period indicators_period;
    province provinces_province;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF OLD.state = 'accepted' THEN
            RAISE EXCEPTION 'Submission % is accepted and stays as it is; open a correction.', OLD.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'submission_accepted_is_final';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    END IF;
    SELECT * INTO period FROM indicators_period WHERE id = NEW.period_id;
    SELECT * INTO province FROM provinces_province WHERE id = NEW.province_id;
    IF province.valid_to < period."end" OR province.valid_from > period."end" THEN
        RAISE EXCEPTION 'Province % does not exist on %, the last day of the period.', province.slug, period."end"
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'submission_within_lifetime';
    END IF;
    IF period.kind <> 'quarter' OR period.calendar <>
       (SELECT calendar FROM reporting_reportingform WHERE id = NEW.form_id) THEN
        RAISE EXCEPTION 'Period % is no quarter of the calendar of form %.', period.code, NEW.form_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'submission_quarter_of_calendar';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submission_rules BEFORE INSERT OR UPDATE OR DELETE ON reporting_submission
    FOR EACH ROW EXECUTE FUNCTION reporting_submission_rules();

CREATE FUNCTION reporting_entry_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    submission bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.submission_id ELSE NEW.submission_id END;
    state text;
BEGIN
    SELECT s.state INTO state FROM reporting_submission s WHERE s.id = submission;
    IF state = 'accepted' OR (state = 'submitted' AND TG_OP = 'UPDATE' AND
       to_jsonb(NEW) - 'return_comment' <> to_jsonb(OLD) - 'return_comment') THEN
        RAISE EXCEPTION 'Submission % is %; its figures cannot be changed.', submission, state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_of_open_submission';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_rules BEFORE INSERT OR UPDATE OR DELETE ON reporting_entry
    FOR EACH ROW EXECUTE FUNCTION reporting_entry_rules();
"""
DROP_SUBMISSIONS = """
DROP TRIGGER submission_rules ON reporting_submission;
DROP FUNCTION reporting_submission_rules();
DROP TRIGGER entry_rules ON reporting_entry;
DROP FUNCTION reporting_entry_rules();
"""

# The actor and the address come from settings that the request puts before its first write
# (reporting.middleware); an empty setting means that the system itself wrote.
AUDIT = """
CREATE FUNCTION reporting_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    after_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    whole jsonb := CASE WHEN TG_OP = 'DELETE' THEN before_row ELSE after_row END;
    changed_old jsonb;
    changed_new jsonb;
    which text := '';
    who bigint := nullif(current_setting('tinhso.actor', true), '')::bigint;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = 'password' THEN '"***"' ELSE value END) INTO changed_old
        FROM jsonb_each(before_row) WHERE after_row -> key IS DISTINCT FROM value;
    SELECT jsonb_object_agg(key, CASE WHEN key = 'password' THEN '"***"' ELSE value END) INTO changed_new
        FROM jsonb_each(after_row) WHERE before_row -> key IS DISTINCT FROM value;
    IF changed_old IS NULL AND changed_new IS NULL THEN RETURN NULL; END IF;
    IF TG_TABLE_NAME = 'reporting_entry' THEN
        SELECT p.slug || ' ' || q.code || ' ' || i.code INTO which
            FROM reporting_submission s
            JOIN provinces_province p ON p.id = s.province_id
            JOIN indicators_period q ON q.id = s.period_id
            JOIN reporting_formline l ON l.id = (whole->>'line_id')::bigint
            JOIN indicators_indicator i ON i.id = l.indicator_id
            WHERE s.id = (whole->>'submission_id')::bigint;
    ELSIF TG_TABLE_NAME = 'reporting_submission' THEN
        SELECT p.slug || ' ' || q.code INTO which
            FROM provinces_province p, indicators_period q
            WHERE p.id = (whole->>'province_id')::bigint AND q.id = (whole->>'period_id')::bigint;
    ELSE
        which := coalesce(whole->>'username', whole->>'code', whole->>'name', whole->>'name_vi', '');
    END IF;
    INSERT INTO reporting_auditrecord (instant, actor, actor_name, address, action, "table", row, label, old, new)
    VALUES (clock_timestamp(), who, coalesce((SELECT username FROM auth_user WHERE id = who), ''),
            nullif(current_setting('tinhso.address', true), '')::inet, lower(TG_OP), TG_TABLE_NAME,
            (whole->>'id')::bigint, coalesce(left(which, 300), ''),
            CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE coalesce(changed_old, '{}') END,
            CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE coalesce(changed_new, '{}') END);
    RETURN NULL;
END $$;
CREATE FUNCTION reporting_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is never changed.'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_append_only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON reporting_auditrecord
    FOR EACH ROW EXECUTE FUNCTION reporting_audit_append_only();
"""
AUDITED = [
    "reporting_reportingform",
    "reporting_reportingform_provinces",
    "reporting_formsection",
    "reporting_formline",
    "reporting_provinceassignment",
    "reporting_submission",
    "auth_user",
    "auth_group",
    "auth_user_groups",
    "auth_user_user_permissions",
    "auth_group_permissions",
]
TRIGGERS = "".join(
    f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION reporting_audit();\n"
    for table in AUDITED
) + (
    # Cells are made empty, sixty at a time; the opening of their submission is what is worth a record.
    "CREATE TRIGGER audit AFTER UPDATE OR DELETE ON reporting_entry "
    "FOR EACH ROW EXECUTE FUNCTION reporting_audit();\n"
)
DROP_AUDIT = "".join(f"DROP TRIGGER audit ON {table};\n" for table in [*AUDITED, "reporting_entry"]) + (
    "DROP TRIGGER audit_append_only ON reporting_auditrecord;\n"
    "DROP FUNCTION reporting_audit_append_only();\nDROP FUNCTION reporting_audit();\n"
)


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("indicators", "0002_observations_are_append_only"),
    ]
    operations = [
        migrations.RunSQL(USED_FORMS, DROP_USED_FORMS),
        migrations.RunSQL(LINES, DROP_LINES),
        migrations.RunSQL(SUBMISSIONS, DROP_SUBMISSIONS),
        migrations.RunSQL(AUDIT + TRIGGERS, DROP_AUDIT),
    ]
