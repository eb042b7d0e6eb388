"""What a line that is not (fully) here would have meant for who is let in: what must not go unnoticed.

A line that is not known stops the start, so nothing is opened by ignoring it. These sentences are for those
who are about to take such a line out, or to guard it with <IfModule>.
"""

import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhttpd.config.tree import Directive as Line
    from pyhttpd.core.site import Site

NOBODY_LOGS_IN = "logins are checked this way: without it nobody can log in, what asks for one stays shut"
NO_GROUP = "members of a group are known by it: without it nobody is of the group, and is refused"
IN_THE_CLEAR = "connections are encrypted: without it passwords and pages travel in the clear"
BY_NAME = {
    "sslrequiressl": "plain HTTP is refused there: without it the place is open to plain HTTP as well",
    "sslrequire": "clients are refused by a condition: without it they are let in",
    "sslverifyclient": "clients need a certificate: without it they are let in without one",
    "sslverifydepth": "certificates are refused beyond this depth",
    "sslcarevocation*": "revoked certificates are refused: without it they are taken",
    "sslengine": IN_THE_CLEAR,
    "sslcertificatefile": IN_THE_CLEAR,
    "authdigest*": NOBODY_LOGS_IN,
    "authldap*": NOBODY_LOGS_IN,
    "authdbd*": NOBODY_LOGS_IN,
    "authdbmuserfile": NOBODY_LOGS_IN,
    "authnprovideralias": NOBODY_LOGS_IN,
    "authgroupfile": NO_GROUP,
    "authdbmgroupfile": NO_GROUP,
    "auth*authoritative": "says whether other modules are asked when this one says no",
    "anonymous*": "guests are let in with any password: without it they are refused",
    "proxyblock": "requests for these hosts are refused: without it they are passed on",
    "suexec*": "scripts run as another user: without it they run as User and may read and write what it may",
    "requestreadtimeout": "slow clients are cut off",
    "dav*": "says who may write by WebDAV: without it nobody may",
}
BY_KIND = {  # of Require lines: the module that answers them
    "group": "authz_groupfile_module",
    "file-owner": "authz_owner_module",
    "file-group": "authz_owner_module",
    "user": "authz_user_module",
    "valid-user": "authz_user_module",
    **dict.fromkeys(("ldap-user", "ldap-group", "ldap-dn", "ldap-attribute"), "authnz_ldap_module"),
    "ldap-filter": "authnz_ldap_module",
}


def of_directive(name: str) -> str:
    """What the absence of a directive means for access; "" for nothing."""
    return next((text for pattern, text in BY_NAME.items() if fnmatch.fnmatchcase(name, pattern)), "")


def of_words(line: "Line", site: "Site") -> str:
    """What words of a directive that is here ask of a module that is not."""
    words = [word.lower() for word in line.words]
    has = {module.name for module in site.modules}
    if line.key == "require" and words and (owner := BY_KIND.get(words[0])) and owner not in has:
        return f"nobody answers Require {words[0]} without {source(owner)}: all are refused"
    if line.key == "authtype" and words == ["digest"] and "auth_digest_module" not in has:
        return f"nobody can log in by Digest without {source('auth_digest_module')}: all are refused"
    return ""


def source(identifier: str) -> str:
    """`auth_digest_module` as the manual calls it."""
    return f"mod_{identifier.removesuffix('_module')}"
