from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    name = "songhe.oversight.bulletins"
    label = "bulletins"
    verbose_name = "通报"
