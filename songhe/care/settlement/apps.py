from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "songhe.care.settlement"
    label = "settlement"
    verbose_name = "购买合同与结算"

    def ready(self):
        from songhe.care.settlement import merging
        from songhe.registry.people.hanging import hang

        hang(*merging.HANGING)
