"""The audit trail holds what people do with tokens (never that one was used, nor a digest or a secret), and
administrators may look at tokens and at what was refused."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

# The trail masks passwords; what else is not for reading is masked the same way.
MASK = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('reporting_audit()'::regprocedure),
        'key = ''password''', 'key IN (''password'', ''digest'', ''secret'')');
END $$;
"""
UNMASK = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('reporting_audit()'::regprocedure),
        'key IN (''password'', ''digest'', ''secret'')', 'key = ''password''');
END $$;
"""
TRIGGER = """
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF user_id, name, scopes, digest, expires_at, revoked_at
    ON api_token FOR EACH ROW EXECUTE FUNCTION reporting_audit();
"""


def let_administrators_look(apps, schema_editor):
    config = apps.get_app_config("api")
    config.models_module = True  # create_permissions skips an app that has none
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    wanted = ["view_token", "change_token", "view_refusal"]
    found = Permission.objects.filter(content_type__app_label="api", codename__in=wanted)
    Group.objects.get(name="administrators").permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0008_tokens"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("reporting", "0003_groups"),
    ]
    operations = [
        migrations.RunSQL(MASK, UNMASK),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER audit ON api_token;"),
        migrations.RunPython(let_administrators_look, migrations.RunPython.noop),
    ]
