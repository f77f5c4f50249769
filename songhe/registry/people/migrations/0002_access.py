from django.db import migrations

from songhe.core.rls import protect, protect_by_person
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("core", "0002_acting_and_audit")]
    operations = [
        protect("people_person"),
        protect("people_household"),
        protect("people_importbatch"),
        protect("people_merge"),
        protect("people_circumstance", "person_id"),
        protect("people_lifeevent", "person_id"),
        protect("people_assessment", "person_id"),
        protect("people_personevent", "people_personevent.id"),
        protect("people_circumstanceevent", "person_id"),
        protect_by_person("people_fieldsource"),
        protect_by_person("people_contact"),
        protect_by_person("people_benefit"),
        protect_by_person("people_consent"),
        protect_by_person("people_importchange"),
        run_sql(__file__, "0001_search"),
    ]
