"""mod_env: what reaches the environment, and how sections change it."""

import os

ASK = 'Header always set X-A "%{A}e"\nHeader always set X-B "%{B}e"\n'


def variables(answer):
    return answer.headers["X-A"], answer.headers["X-B"]


def test_a_variable_has_its_value_or_is_empty(get):
    assert variables(get("/", conf=ASK + "SetEnv A one\nSetEnv B")) == ("one", "")


def test_an_inner_section_sets_over_and_unsets_the_outer_ones(get):
    conf = ASK + "SetEnv A outer\nSetEnv B outer\n<Location />\nSetEnv A inner\nUnsetEnv b\n</Location>"
    assert variables(get("/", conf=conf)) == ("inner", "(null)")


def test_unset_env_spares_what_its_own_section_sets(get):
    conf = ASK + "SetEnv A outer\n<Location />\nSetEnv A inner\nUnsetEnv A\n</Location>"
    assert variables(get("/", conf=conf))[0] == "inner"


def test_pass_env_takes_from_the_servers_environment_and_warns_of_what_is_not_there(site, monkeypatch):
    monkeypatch.setitem(os.environ, "A", "passed")
    monkeypatch.delenv("B", raising=False)
    one = site(ASK + "PassEnv A B")
    assert variables(one.get("/")) == ("passed", "(null)")
    assert "PassEnv variable B was undefined" in [notice.message for notice in one.server.site.warnings]


def test_set_env_comes_after_set_env_if(get):
    conf = ASK + "SetEnv A late\nSetEnvIf Host . A=early B=early"
    assert variables(get("/", conf=conf)) == ("late", "early")
