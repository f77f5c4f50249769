from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "songhe.registry.accounts"
    label = "accounts"
    verbose_name = "账号"
