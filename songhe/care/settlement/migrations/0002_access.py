from django.db import migrations

from songhe.core.rls import protect, protect_by_parent
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial"), ("evidence", "0002_access")]
    operations = [
        *(protect(f"settlement_{table}") for table in ("contract", "settlement", "operatorscore")),
        protect_by_parent("settlement_lot", "contract_id", "settlement_contract"),
        protect_by_parent("settlement_lot_places", "lot_id", "settlement_lot"),
        protect_by_parent("settlement_price", "lot_id", "settlement_lot"),
        protect_by_parent("settlement_recipient", "lot_id", "settlement_lot"),
        *(
            protect_by_parent(f"settlement_{table}", "settlement_id", "settlement_settlement")
            for table in ("line", "held", "deduction", "signer")
        ),
        run_sql(__file__, "0001_settlement"),
    ]
