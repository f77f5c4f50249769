"""What every page of the desk knows: navigation, area, size of type."""


def shell(request):
    return {}
