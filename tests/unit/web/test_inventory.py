"""The description of the graph when counting fails."""

import pytest

from pactgraph.errors import QueryFailed
from pactgraph.model import Snapshot
from pactgraph.web.inventory import Inventory


class Failing:
    """A service whose queries take too long."""

    def __init__(self):
        self.asked = 0
        self.queries = self

    def run(self, request):
        self.asked += 1
        raise QueryFailed("too long", code="query-timeout")


def test_what_could_not_be_counted_is_not_counted_again_at_once(tmp_path):
    service = Failing()
    inventory = Inventory(service, ())
    for _ in range(3):
        with pytest.raises(QueryFailed) as failed:
            inventory.describe(Snapshot(tmp_path, 1))
        assert failed.value.code == "query-timeout"
    assert service.asked == 1
