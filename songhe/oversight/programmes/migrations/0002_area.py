from django.db import migrations

from songhe.core.rls import protect


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial")]
    operations = [protect("programmes_entry")]
