from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "songhe.care.agreements"
    label = "agreements"
    verbose_name = "家庭养老床位"
