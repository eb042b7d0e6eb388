"""A configuration of another machine, read here: its ServerRoot is taken for the folder of the file."""

import os

from pyhttpd.core.server import Options
from pyhttpd.core.site import Site


class Elsewhere(Site):
    """A server in the making that will never start, of a configuration that may be from elsewhere."""

    lost = ""  # ServerRoot, where that is not here

    def load_file(self, path: str) -> None:
        """Libraries of other machines are not looked for."""

    def lost_root(self, path: str) -> str:
        """ServerRoot is elsewhere: its files may lie beside the configuration, or around its folder."""
        self.lost, self.check_document_root = path, False
        self.warn(f"ServerRoot {path} is not here: {self.server_root} is taken for it")
        return self.server_root

    def located(self, path: str) -> str:
        """Where a file lies: there, below what stands for ServerRoot, or in it without `conf`."""
        below = path
        for root in filter(None, (self.lost, self.server_root)):
            if path.startswith(f"{root}/"):
                below = path[len(root) + 1 :]
                break
        short = below.removeprefix("conf/")
        places = (path, *(os.path.join(self.server_root, one) for one in (below, short)))
        return next((one for one in places if os.path.exists(one) or _holds_some(one)), path)


def _holds_some(pattern: str) -> bool:
    """Whether a pattern's folder is there."""
    return bool(set(os.path.basename(pattern)) & set("*?[")) and os.path.isdir(os.path.dirname(pattern))


def root_of(options: Options) -> str:
    """The ServerRoot to begin with: as given, or the folder of the file; the one above a folder `conf`."""
    if os.path.isdir(options.server_root):
        return options.server_root
    folder = os.path.dirname(os.path.join(options.server_root, options.file))
    return os.path.dirname(folder) if os.path.basename(folder) == "conf" else folder
