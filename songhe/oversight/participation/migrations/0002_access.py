from django.db import migrations

from songhe.core.rls import protect, protect_by_parent


class Migration(migrations.Migration):
    dependencies = [("participation", "0001_initial"), ("ledger", "0002_access")]
    operations = [
        protect("participation_body"),
        protect("participation_meeting"),
        protect("participation_datarequest"),
        protect_by_parent("participation_membership", "body_id", "participation_body"),
        *(
            protect_by_parent(f"participation_{table}", "meeting_id", "participation_meeting")
            for table in ("agendaitem", "attendance", "minutes", "decision")
        ),
        protect_by_parent("participation_datareply", "request_id", "participation_datarequest"),
    ]
