from django.db import migrations

from songhe.core.rls import area_rule
from songhe.core.sqlfile import run_sql

# A worker is seen where they are stationed, where they serve, and with every order they go to: the last asked last.
READ_WORKER = (
    f"{area_rule()} OR EXISTS (SELECT 1 FROM services_worker_areas a WHERE a.worker_id = services_worker.id "
    "AND a.place_id = ANY((SELECT app_areas())::int[])) OR services_sees_crew_of(services_worker.id)"
)


class Migration(migrations.Migration):
    dependencies = [("services", "0003_merged")]
    operations = [
        run_sql(__file__, "0004_light_policies"),
        migrations.RunSQL(
            f"ALTER POLICY area_read ON services_worker USING ({READ_WORKER})", migrations.RunSQL.noop
        ),
    ]
