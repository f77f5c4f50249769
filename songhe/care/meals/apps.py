from django.apps import AppConfig


class MealsConfig(AppConfig):
    name = "songhe.care.meals"
    label = "meals"
    verbose_name = "助餐"

    def ready(self):
        from songhe.care.meals import merging
        from songhe.registry.people.hanging import hang

        hang(*merging.HANGING)
