import pytest
from tests.world import World, OWN
from songhe.registry.accounts.actions import issue_token
from tests import world


@pytest.mark.django_db
def test_x(client):
    w = World()
    p = world.post("clerk", w["990101"])
    t = issue_token(post=p, name="t", by=None)
    h = {"Authorization": "Bearer " + t}
    for path in [
        "/api/me",
        "/api/places/990101",
        "/api/places/990101/children",
        "/api/places/990200",
        "/api/places/x",
        "/api/places/990101?x=1",
        "/api/nix",
        "/api/indicators",
        "/api/indicators/helper_named/figures?place=990101&period=2026-11-22",
        "/api/indicators/helper_named/figures?place=990101&period=2026-W60",
        "/api/indicators/helper_named/subjects?place=990101&period=2026-11-22&side=rest",
        "/api/openapi.json",
    ]:
        r = client.get(path, headers=h)
        print(path, r.status_code, r.content.decode()[:600])
    r = client.post("/api/me", headers=h)
    print(r.status_code, r.content.decode(), r.headers)
    r = client.get("/api/me")
    print(r.status_code, r.content.decode())
