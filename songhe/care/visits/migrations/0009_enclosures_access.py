from django.db import migrations

from songhe.core.rls import protect


class Migration(migrations.Migration):
    dependencies = [("visits", "0008_enclosures")]
    operations = [protect("visits_enclosure", "person_id")]
