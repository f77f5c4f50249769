"""Travel: straight lines said to be estimates, a given matrix taken as it is, roads followed where there are some."""

import numpy as np
import pytest

from songhe.insight.planning import travel


def test_straight_lines_are_longer_and_slower_than_the_crow():
    way = travel.straight(np.array([(0.0, 0.0), (3.0, 4.0)]))
    assert way.km[0, 1] == pytest.approx(5 * 1.35)
    assert way.minutes[0, 1] == pytest.approx(6.75 / 28 * 60 + 1.5)
    assert way.minutes[0, 0] == 0
    assert "估算" in way.basis[0]


def test_degrees_become_km():
    km = travel.to_km(np.array([(116.0, 30.0), (116.0, 31.0), (117.0, 30.0)]))
    assert np.linalg.norm(km[1] - km[0]) == pytest.approx(110.57, abs=0.5)
    assert np.linalg.norm(km[2] - km[0]) == pytest.approx(96.1, abs=1.0)


def test_roads_lead_round_the_lake():
    line = {
        "type": "Feature",
        "properties": {"kmh": 30},
        "geometry": {"type": "LineString", "coordinates": [(0, 0), (0, 10), (10, 10), (10, 0)]},
    }
    way = travel.by_road(np.array([(0.0, 0.0), (10.0, 0.0)]), {"features": [line]})
    assert way.minutes[0, 1] == pytest.approx(30 / 30 * 60 + 1.5, abs=0.1)
    assert way.basis == travel.ROADS
    with pytest.raises(ValueError, match="roads"):
        travel.by_road(np.zeros((1, 2)), {"features": []})
