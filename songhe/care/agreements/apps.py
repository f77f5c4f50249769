from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "songhe.care.agreements"
    label = "agreements"
    verbose_name = "家庭养老床位"

    def ready(self):
        from songhe.care.agreements import merging
        from songhe.registry.people.hanging import hang

        hang(*merging.HANGING)
