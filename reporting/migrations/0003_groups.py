"""The two groups that the workflow knows. Their permissions are looked up by name: reviewers review,
administrators keep forms, assignments and people, and read the audit trail."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "reviewers": {"reporting": ["review_submission", "view_submission"]},
    "administrators": {
        "reporting": [
            *(f"{act}_{model}" for act in ("add", "change", "delete", "view")
              for model in ("reportingform", "formsection", "formline", "provinceassignment")),
            "view_submission",
            "view_auditrecord",
        ],
        "auth": ["add_user", "change_user", "view_user", "view_group"],
    },
}  # fmt: skip


def make_groups(apps, schema_editor):
    for label in ("auth", "reporting"):
        config = apps.get_app_config(label)
        config.models_module = True  # create_permissions skips an app that has none
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, wanted in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        for label, codenames in wanted.items():
            found = Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
            if found.count() != len(codenames):
                raise LookupError(f"Permissions of the group {name} are missing in {label}.")
            group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0002_rules_and_audit_trail"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
