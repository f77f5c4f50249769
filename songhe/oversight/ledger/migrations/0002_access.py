from django.db import migrations

from songhe.core.rls import protect, protect_by_parent
from songhe.core.sqlfile import run_sql

BELOW_ITEM = ("progress", "evidence", "problem", "change", "closeout", "reminder")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("core", "0002_acting_and_audit")]
    operations = [
        protect("ledger_item"),
        protect("ledger_layout"),
        protect("ledger_drive"),
        protect("ledger_sheet"),
        *(protect_by_parent(f"ledger_{table}", "item_id", "ledger_item") for table in BELOW_ITEM),
        protect_by_parent("ledger_coordination", "problem_id", "ledger_problem"),
        protect_by_parent("ledger_signer", "close_out_id", "ledger_closeout"),
        protect_by_parent("ledger_driveitem", "item_id", "ledger_item"),
        protect_by_parent("ledger_finding", "chosen_id", "ledger_driveitem"),
        run_sql(__file__, "0001_ledger"),
    ]
