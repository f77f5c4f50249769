from django.db import migrations

from songhe.core.rls import protect, protect_by_parent
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]
    operations = [
        run_sql(__file__, "0001_agreements"),
        protect("agreements_bed", "person_id"),
        protect("agreements_device", "person_id"),
        protect("agreements_alarm", "person_id"),
        *(
            protect_by_parent(f"agreements_{name}", "bed_id", "agreements_bed")
            for name in ("step", "agreement", "retrofit", "care")
        ),
    ]
