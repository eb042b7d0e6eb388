"""mod_so: which modules there are. Manual: mod/mod_so.

LoadModule and LoadFile act while the files are read (config/reader.py), so that an IfModule below them knows;
core/site.py says what loading means. Declared here so that they are listed.
"""

from pyhttpd.config.directive import PARTIAL, Where
from pyhttpd.core.module import Module

MODULES = "the name chooses a module of ours or, where the file is a dotted Python name, that one"
LIBRARIES = "the file must exist; there is no library to link it with"

module = Module("so_module", replayable=True)


@module.directive("LoadModule", into=None, where=Where.SERVER, status=PARTIAL(MODULES))
def load_module(identifier: str, path: str) -> dict[str, object]:
    """a module's name and the file that 2.2 would load it from"""
    raise ValueError(f"LoadModule {identifier} {path} belongs to reading and never comes this far")


@module.directive("LoadFile", into=None, where=Where.SERVER, status=PARTIAL(LIBRARIES))
def load_file(*paths: str) -> dict[str, object]:
    """libraries that modules need"""
    raise ValueError(f"LoadFile {' '.join(paths)} belongs to reading and never comes this far")
