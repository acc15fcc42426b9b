"""Assign each cooperative's own verifiers to the projects they have looked at so far: all of them."""

from typing import Any

from django.db import migrations
from django.db.migrations.state import StateApps


def assign_standing(apps: StateApps, _editor: Any) -> None:
    users = apps.get_model("aggregator", "User").objects.filter(role="verifier")
    projects = apps.get_model("credits", "Project").objects
    assignments = apps.get_model("credits", "VerifierAssignment").objects
    for user in users.exclude(cooperative=None):
        for project in projects.filter(cooperative_id=user.cooperative_id):
            assignments.create(
                cooperative_id=project.cooperative_id, project=project, verifier=user
            )


class Migration(migrations.Migration):
    dependencies = [("credits", "0003_assign_verifiers")]

    operations = [migrations.RunPython(assign_standing, migrations.RunPython.noop)]
