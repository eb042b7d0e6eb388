"""mod_version: sections that count for some versions of Apache only. Manual: mod/mod_version.

`<IfVersion>` is decided while the files are read (config/conditions.py), against the version of Apache that
we stand in for; that the module is loaded makes the section known. Declared here so that it is listed.
"""

from pyhttpd.config.directive import Override
from pyhttpd.core.module import Module

module = Module("version_module", replayable=True)


@module.directive("IfVersion", into=None, override=Override.ALL, section=True)
def if_version(operator: str, version: str = "", more: str = "") -> dict[str, object]:
    """a comparison and a version of Apache; the section counts where it holds"""
    raise ValueError(f"<IfVersion {operator} {version}{more}> belongs to reading and never comes this far")
