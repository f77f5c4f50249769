from django.apps import AppConfig


class MealsConfig(AppConfig):
    name = "songhe.care.meals"
    label = "meals"
    verbose_name = "助餐"
