from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "songhe.core"
    label = "core"
    verbose_name = "公共基础"
