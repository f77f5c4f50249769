from django.db import migrations

from songhe.core.rls import at_functional_area


class Migration(migrations.Migration):
    dependencies = [("programmes", "0004_adopted_area"), ("places", "0001_initial")]
    operations = [at_functional_area("programmes_entry")]
