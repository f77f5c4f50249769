from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "songhe.care.settlement"
    label = "settlement"
    verbose_name = "购买合同与结算"
