from django.db import migrations

from songhe.core.rls import protect, protect_by_person
from songhe.core.sqlfile import run_sql

BY_ESCALATION = """
ALTER TABLE visits_escalationstep ENABLE ROW LEVEL SECURITY;
ALTER TABLE visits_escalationstep FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON visits_escalationstep TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY by_escalation ON visits_escalationstep
USING (EXISTS (SELECT 1 FROM visits_escalation e WHERE e.id = escalation_id))
WITH CHECK (EXISTS (SELECT 1 FROM visits_escalation e WHERE e.id = escalation_id));
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial"), ("duties", "0002_access")]
    operations = [
        run_sql(__file__, "0001_visits"),
        protect("visits_visit", "person_id"),
        protect("visits_referral", "person_id"),
        protect("visits_escalation", "person_id"),
        protect_by_person("visits_receipt"),
        migrations.RunSQL(BY_ESCALATION, migrations.RunSQL.noop),
    ]
