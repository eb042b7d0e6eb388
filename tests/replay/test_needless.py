"""What is not done without need: computing an answer anew, or beginning one twice."""

import sys
from types import ModuleType

from replay_files import put
from replay_world import Ask, Talk

from pyhttpd.core.hooks import DECLINED, POST_READ_REQUEST
from pyhttpd.core.module import Module

LOCKED = """
LoadModule counting_module replay.counting
<Location />
    AuthType Basic
    AuthName x
    AuthUserFile "@ROOT@/users"
    Require valid-user
</Location>
"""


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
    names = [f"{number}.txt" for number in range(5)]
    files = {"users": "joe:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n"} | {
        f"htdocs/{name}": "text" for name in names
    }
    made = twins(LOCKED, files)
    for name in names:
        ask = Ask(f"/{name}", lines=("Authorization: Basic am9lOnRlc3Q=",))
        assert made.agree(Talk((ask,), how="listener")).startswith(b"HTTP/1.1 200")
    assert sorted(begun) == sorted(f"/{name}" for name in names * 2)  # by each of the two servers
