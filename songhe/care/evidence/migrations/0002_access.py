from django.db import migrations

from songhe.core.rls import protect, protect_by_parent
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial"), ("services", "0002_access")]
    operations = [
        *(protect(f"evidence_{table}") for table in ("stamp", "check", "flag", "sample", "callback", "rating")),
        protect("evidence_complaint"),
        protect("evidence_incident"),
        protect_by_parent("evidence_proof", "stamp_id", "evidence_stamp"),
        protect_by_parent("evidence_complaintstep", "complaint_id", "evidence_complaint"),
        run_sql(__file__, "0001_evidence"),
    ]
