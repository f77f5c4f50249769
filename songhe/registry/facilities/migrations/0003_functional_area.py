from django.db import migrations

from songhe.core.rls import at_functional_area


class Migration(migrations.Migration):
    dependencies = [("facilities", "0002_facilities"), ("places", "0001_initial")]
    operations = [at_functional_area("facilities_facility")]
