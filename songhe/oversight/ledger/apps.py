from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "songhe.oversight.ledger"
    label = "ledger"
    verbose_name = "台账"
