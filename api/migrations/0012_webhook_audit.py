"""The audit trail holds who subscribed, where to, and what was disabled; never a secret (see 0009)."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE OF owner_id, name, address, secret ON api_subscriber
    FOR EACH ROW EXECUTE FUNCTION reporting_audit();
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0011_webhooks"), ("reporting", "0002_rules_and_audit_trail")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER audit ON api_subscriber;")]
