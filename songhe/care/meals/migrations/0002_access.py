from django.db import migrations

from songhe.core.rls import protect, protect_by_parent
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("meals", "0001_initial")]
    operations = [
        run_sql(__file__, "0001_meals"),
        protect("meals_diner", "person_id"),
        protect("meals_meal", "person_id"),
        protect("meals_service"),
        protect_by_parent("meals_book", "facility_id", "facilities_facility"),
        protect_by_parent("meals_vehicle", "facility_id", "facilities_facility"),
    ]
