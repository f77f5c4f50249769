from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "songhe.oversight.ledger"
    label = "ledger"
    verbose_name = "台账"

    def ready(self):
        from songhe.oversight.ledger import figures
        from songhe.oversight.programmes.figures import add_source

        add_source("ledger", figures.closed, figures.rows)
