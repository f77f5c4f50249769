"""Where people are and how long the ways are: own points first, the village's next, the schematic map last; roads when given."""

import json

import pytest

from songhe.core.acting import everywhere
from songhe.core.refusal import Refusal
from songhe.insight.rounds.definitions import week_terms
from songhe.insight.rounds.positions import drawn_points, spots_of, way_for
from songhe.registry.places import queries as places
from songhe.registry.places.models import Place


def test_a_village_without_a_point_stands_where_the_map_draws_it(town):
    with everywhere():
        own, sister = (town.people[n].village for n in (0, 6))
        Place.objects.filter(pk=own.pk).update(longitude=115.0, latitude=38.5)
        spots = spots_of(town.place, town.monday)
        assert spots.villages[own.pk] == (115.0, 38.5)
        assert spots.drawn == {sister.pk}
        assert set(spots.names) == {own.pk, sister.pk}


def test_a_village_is_drawn_only_inside_a_real_outline(town):
    """The unit square that stands for an unknown county is no ground to measure ways on."""
    with everywhere():
        own, sister = (town.people[n].village for n in (0, 6))
        Place.objects.filter(pk=own.pk).update(longitude=115.0, latitude=38.5)
        villages = list(Place.objects.filter(pk__in=[own.pk, sister.pk]).select_related("parent"))
        assert drawn_points(villages, town.monday) == {}
        ring = [[114.8, 38.3], [115.2, 38.3], [115.2, 38.7], [114.8, 38.7], [114.8, 38.3]]
        Place.objects.filter(pk=town.place.pk).update(outline={"type": "Polygon", "coordinates": [ring]})
        places._draw.cache_clear()
        villages = list(Place.objects.filter(pk__in=[own.pk, sister.pk]).select_related("parent"))
        found = drawn_points(villages, town.monday)
        assert set(found) == {sister.pk}
        lon, lat = found[sister.pk]
        assert 114.8 < lon < 115.2
        assert 38.3 < lat < 38.7


def test_two_doors_of_one_village_are_a_few_minutes_apart(town):
    way = way_for(town.place, 4.0)([(115.0, 38.5), (115.0, 38.5), (115.1, 38.5)])
    assert way.minutes[0, 1] == 4.0
    assert way.minutes[0, 0] == 0.0
    assert way.minutes[0, 2] > 10
    assert "直线" in way.basis[0]


def test_the_countys_own_roads_are_used_and_said(town, settings, tmp_path):
    settings.VAR = tmp_path
    line = {"type": "LineString", "coordinates": [[115.0, 38.5], [115.05, 38.55], [115.1, 38.5]]}
    roads = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": line}]}
    (tmp_path / "roads").mkdir()
    file = tmp_path / "roads" / "990101.geojson"
    file.write_text(json.dumps(roads), encoding="utf-8")
    with everywhere():
        place = Place.objects.select_related("county", "city").get(pk=town.place.pk)
    points = [(115.0, 38.5), (115.1, 38.5)]
    found = way_for(place, 4.0)(points)
    assert "道路" in found.basis[0]
    assert found.km is not None
    file.write_text("{", encoding="utf-8")
    with pytest.raises(Refusal) as broken:
        way_for(place, 4.0)
    assert broken.value.code == "roads_unreadable"


def test_the_terms_of_a_week_are_read_from_their_file():
    terms = week_terms()
    assert len(terms.hours) == 7
    assert terms.first
    assert terms.rules.visit_minutes > 0
    assert len(terms.version) == 16
