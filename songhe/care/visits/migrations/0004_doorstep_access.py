from django.db import migrations

from songhe.core.rls import protect


class Migration(migrations.Migration):
    dependencies = [("visits", "0003_doorstep")]
    operations = [protect("visits_correction", "person_id"), protect("visits_doorstep", "person_id")]
