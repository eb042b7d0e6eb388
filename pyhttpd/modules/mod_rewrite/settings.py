"""What is configured of rewriting, per server and per directory, and how one comes over another.

Neither kind of settings is merged field by field: rules are inherited only where `RewriteOptions inherit`
says so, the switch and the options always; of a directory, its name goes with its rules.
"""

from dataclasses import dataclass
from enum import Flag as Bits
from enum import auto
from typing import Any

from pyhttpd.config.directive import ACCEPTED, Override, Where, Within, setting
from pyhttpd.config.merge import UPDATE, Merge, merged
from pyhttpd.config.values import Flag
from pyhttpd.config.walk import Context
from pyhttpd.core.module import Module
from pyhttpd.modules.mod_rewrite.conditions import ON_FILES
from pyhttpd.modules.mod_rewrite.maps import Map, map_of
from pyhttpd.modules.mod_rewrite.syntax import RuleSet, condition_of, rule_of

Written = dict[str, Any]


class Option(Bits):
    """RewriteOptions."""

    NONE = 0
    INHERIT = auto()
    ANY_URI = auto()
    MERGE_BASE = auto()


OPTIONS = {"inherit": Option.INHERIT, "allowanyuri": Option.ANY_URI, "mergebase": Option.MERGE_BASE}


def _together(before: Any, after: Any) -> Any:
    return before | after


def _after(before: RuleSet, after: RuleSet) -> RuleSet:
    return before + after


def _inner(_outer: Any, inner: Any) -> Any:
    return inner


ADD_OPTIONS = Merge(_together, _inner)
ADD_RULES = Merge(_after, _inner)


def _inherited(outer: Written, inner: Written, always: tuple[str, ...], asked: tuple[str, ...]) -> Written:
    """What an inner place has: its own, `always` also the outer's, `asked` with RewriteOptions inherit."""
    found = {name: outer[name] for name in always if name in outer} | inner
    if Option.INHERIT in found.get("options", Option.NONE):
        for name in asked:
            if name in outer:
                found[name] = _both(found.get(name), outer[name])
    return found


def _both(inner: Any, outer: Any) -> Any:
    """Rules: the inner ones first, and no condition waits for an outer one. Maps: the inner one of a name."""
    if inner is None:
        return outer
    return outer | inner if isinstance(outer, dict) else RuleSet(inner.rules) + outer


@dataclass(frozen=True, slots=True)
class PerServer:
    """The rules of a server or virtual host, and what all rules below it use."""

    engine: bool = merged(False)
    options: Option = merged(Option.NONE, ADD_OPTIONS)
    rules: RuleSet = merged(RuleSet(), ADD_RULES)
    maps: dict[str, Map] = merged({}, UPDATE)
    log: str = setting(
        "RewriteLog", "", where=Where.SERVER, doc="file or |program that is told what the rules do"
    )
    log_level: int = setting(
        "RewriteLogLevel", 0, where=Where.SERVER, doc="how much it is told, from 0 for nothing to 9 for all"
    )
    lock: str = setting(
        "RewriteLock",
        "",
        where=Where.SERVER,
        not_in=Within.VIRTUALHOST,
        doc="lock file for programs of rewrite maps",
        status=ACCEPTED("programs are always asked one question at a time, without a file"),
    )

    @staticmethod
    def merge_written(outer: Written, inner: Written) -> Written:
        """What a virtual host that says anything of rewriting has."""
        always = ("engine", "options", "log", "log_level", "lock")
        return _inherited(outer, inner, always, ("rules", "maps"))


@dataclass(frozen=True, slots=True)
class PerDir:
    """The rules of a directory; `home` is its name, with a slash at the end."""

    engine: bool = merged(False)
    options: Option = merged(Option.NONE, ADD_OPTIONS)
    rules: RuleSet = merged(RuleSet(), ADD_RULES)
    home: str = merged("")
    base: str | None = merged(None)

    @staticmethod
    def merge_written(outer: Written, inner: Written) -> Written:
        """What a section or .htaccess that says anything of rewriting has."""
        found = _inherited(outer, inner, ("engine", "options"), ("rules",))
        if Option.MERGE_BASE in found.get("options", Option.NONE) and "base" in outer:
            found.setdefault("base", outer["base"])
        return found


module = Module("rewrite_module", per_server=PerServer, per_dir=PerDir, replayable=True)


def _at_home(ctx: Context, **written: Any) -> Written:
    """What a line says, and in a section the name of the place that its rules will be at home in."""
    if ctx.where is Where.DIRECTORY:
        written["home"] = _home(ctx)
    return written


def _home(ctx: Context) -> str:
    """The directory's path; of a <Files> or <Location> section, as in 2.2, what it is for."""
    inside = ctx.within & (Within.FILES | Within.LOCATION)
    place = ctx.selector.text if inside and ctx.selector is not None else ctx.path
    return (place or "").removesuffix("/") + "/"


@module.directive("RewriteEngine", override=Override.FILEINFO, flag=True)
def rewrite_engine(ctx: Context, engine: Flag) -> Written:
    """whether rules are applied"""
    return _at_home(ctx, engine=engine)


@module.directive("RewriteOptions", override=Override.FILEINFO)
def rewrite_options(ctx: Context, *words: str) -> Written:
    """whether rules are inherited, and other options"""
    options = Option.NONE
    for word in words:
        if word.lower().startswith("maxredirects="):
            ctx.warn(
                "RewriteOptions: MaxRedirects option has been removed in favor of the global "
                "LimitInternalRecursion directive and will be ignored."
            )
        elif (option := OPTIONS.get(word.lower())) is None:
            raise ValueError(f"RewriteOptions: unknown option '{word}'")
        else:
            options |= option
    return _at_home(ctx, options=options)


@module.directive("RewriteBase", override=Override.FILEINFO)
def rewrite_base(ctx: Context, url: str) -> Written:
    """the URL path of the directory whose rules these are"""
    if ctx.where is not Where.DIRECTORY:
        raise ValueError("RewriteBase: only valid in per-directory config files")
    if not url:
        raise ValueError("RewriteBase: empty URL not allowed")
    if not url.startswith("/"):
        raise ValueError("RewriteBase: argument is not a valid URL")
    return _at_home(ctx, base=url)


@module.directive("RewriteCond", override=Override.FILEINFO, raw=True)
def rewrite_cond(ctx: Context, line: str) -> Written:
    """a text to be filled in, the test it must pass, and flags"""
    condition = condition_of(line, ctx.location)
    if condition.ignore_case and condition.pattern in ON_FILES:
        text = f"RewriteCond: NoCase option for non-regex pattern '{condition.pattern}' is not supported"
        ctx.warn(f"{text} and will be ignored.")
    return _at_home(ctx, rules=RuleSet(waiting=(condition,)))


@module.directive("RewriteRule", override=Override.FILEINFO, raw=True)
def rewrite_rule(ctx: Context, line: str) -> Written:
    """a pattern for URLs, what takes the place of those that match, and flags"""
    return _at_home(ctx, rules=RuleSet((rule_of(line, ctx.location),)))


@module.directive("RewriteMap", into="maps", where=Where.SERVER)
def rewrite_map(ctx: Context, name: str, source: str) -> dict[str, Map]:
    """a name, and the file, function or program behind it"""
    return {name: map_of(ctx, name, source)}
