from django.db import migrations

from songhe.core.rls import area_rule, protect, protect_by_parent, protect_by_person, write_rule
from songhe.core.sqlfile import run_sql

# A worker is seen where they are stationed, where they serve, and with every order they go to.
READ_WORKER = (
    f"{area_rule()} OR EXISTS (SELECT 1 FROM services_worker_areas a WHERE a.worker_id = services_worker.id "
    "AND a.place_id = ANY((SELECT app_areas())::int[])) "
    "OR EXISTS (SELECT 1 FROM services_crew c WHERE c.worker_id = services_worker.id)"
)
WORKER = f"""
ALTER TABLE services_worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE services_worker FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON services_worker TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY area_read ON services_worker FOR SELECT USING ({READ_WORKER});
CREATE POLICY area_insert ON services_worker FOR INSERT WITH CHECK ({write_rule()});
CREATE POLICY area_update ON services_worker FOR UPDATE USING ({area_rule()}) WITH CHECK ({write_rule()});
CREATE POLICY area_delete ON services_worker FOR DELETE USING ({area_rule()});
"""


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial"), ("people", "0007_family_access")]
    operations = [
        run_sql(__file__, "0001_services"),
        protect("services_order", "person_id"),
        protect_by_person("services_quota"),
        protect_by_parent("services_step", "order_id", "services_order"),
        protect_by_parent("services_dispatch", "order_id", "services_order"),
        protect_by_parent("services_crew", "dispatch_id", "services_dispatch"),
        migrations.RunSQL(WORKER, migrations.RunSQL.noop),
        *(
            protect_by_parent(f"services_{name}", "worker_id", "services_worker")
            for name in ("certificate", "shift", "absence", "training")
        ),
    ]
