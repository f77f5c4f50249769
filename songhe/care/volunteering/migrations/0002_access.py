from django.db import migrations

from songhe.core.rls import protect, protect_by_parent
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("volunteering", "0001_initial")]
    operations = [
        run_sql(__file__, "0001_volunteering"),
        protect("volunteering_group"),
        protect("volunteering_activity"),
        protect_by_parent("volunteering_offer", "facility_id", "facilities_facility"),
        protect_by_parent("volunteering_complaint", "facility_id", "facilities_facility"),
    ]
