"""What is not done without need: computing an answer anew, or beginning one twice."""

import sys
from types import ModuleType

from replay_world import Ask, Talk, put

from pyhttpd.core.hooks import DECLINED, POST_READ_REQUEST
from pyhttpd.core.module import Module


def test_what_comes_and_goes_beside_the_way_to_a_missing_page_does_not_count(twins):
    made = twins(files={"htdocs/d/x.txt": "x in d"})
    made.again("/d/none/x.txt")
    put(made.root / "htdocs/d/new.txt", "new")
    before = made.hits
    assert made.ask("/d/none/x.txt").startswith(b"HTTP/1.1 404")
    assert made.hits > before


def test_a_listener_does_not_begin_what_it_would_have_to_hand_over(twins, monkeypatch):
    begun, counting = [], ModuleType("counting")
    counting.module = Module("counting_module", replayable=True)

    @counting.module.hook(POST_READ_REQUEST)
    def count(request):
        begun.append(request.uri)
        return DECLINED

    monkeypatch.setitem(sys.modules, "replay.counting", counting)
    conf = "LoadModule counting_module replay.counting\nRewriteEngine On\nRewriteRule ^/b - [F]\n"
    names = [f"{number}.txt" for number in range(5)]
    made = twins(conf, {f"htdocs/{name}": "text" for name in names})
    for name in names:
        made.agree(Talk((Ask(f"/{name}"),), listener=True))
    assert sorted(begun) == sorted(f"/{name}" for name in names * 2)  # by each of the two servers
