from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "songhe.care.services"
    label = "services"
    verbose_name = "服务"

    def ready(self):
        from songhe.care.services import merging
        from songhe.registry.people.hanging import hang

        hang(*merging.HANGING)
