from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "songhe.care.services"
    label = "services"
    verbose_name = "服务"
