"""core_module: the core's own directives, phases and default handler; a module like any other.

`schema` holds the settings, `of_server`, `of_files` and `of_sections` the directives that are functions,
`handler` what the core does in the phases. Manual: mod/core.
"""

from pyhttpd.core.core_module import handler, of_files, of_sections, of_server
from pyhttpd.core.core_module.schema import PerDir, PerServer, module

__all__ = ["PerDir", "PerServer", "handler", "module", "of_files", "of_sections", "of_server"]
