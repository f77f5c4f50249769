from django.db import migrations

from songhe.core.rls import protect, protect_by_parent


class Migration(migrations.Migration):
    dependencies = [("awards", "0001_initial"), ("core", "0002_acting_and_audit")]
    operations = [
        protect("awards_appraisal"),
        protect("awards_round"),
        protect_by_parent("awards_score", "appraisal_id", "awards_appraisal"),
        *(
            protect_by_parent(f"awards_{table}", "round_id", "awards_round")
            for table in ("nomination", "ballot", "objection")
        ),
        protect_by_parent("awards_vote", "ballot_id", "awards_ballot"),
    ]
