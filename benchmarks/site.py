"""The site that every server of a benchmark serves: the same files, made anew for each run.

All of it follows from a fixed seed, and all files are an hour old, since what is younger than two seconds
has a weak ETag and would make the first seconds unlike the rest.
"""

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

FILES = 1000  # of the mix
SIZES = {"small": 1 << 10, "medium": 100 << 10, "large": 10 << 20}  # bytes
LEVELS = 3  # folders of /ht, each with an .htaccess file of its own
AGE = 3600
TYPES = {"text/html": "html", "text/css": "css", "image/png": "png", "application/javascript": "js"}
ENDINGS = tuple(TYPES.values())
HTACCESS = """\
Options -Indexes
DirectoryIndex index.html
ErrorDocument 404 "Not here"
AddType text/plain .page
Order allow,deny
Allow from all
<Files "*.bak">
    Deny from all
</Files>
"""
FRONT = """\
RewriteEngine On
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /front/index.html [L]
"""
HELLO = """\
#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\nHello, world\\n'
"""


@dataclass(frozen=True)
class Site:
    """Where it is, how large the files of the mix are, and when everything was changed last."""

    root: Path
    sizes: tuple[int, ...]
    changed: int

    @property
    def documents(self) -> Path:
        """What servers take as their DocumentRoot."""
        return self.root / "htdocs"


def name(number: int) -> str:
    """The URL path of a file of the mix."""
    return f"/files/{number % 10}/{number:05}.{ENDINGS[number % len(ENDINGS)]}"


def make(root: Path, files: int = FILES, levels: int = LEVELS, size: int = 0) -> Site:
    """Write the site into an empty folder; a size is that of all files of the mix."""
    site = Site(root, (size,) * files if size else sizes(files), int(time.time()) - AGE)
    contents = {f"htdocs/{stem}.html": b"x" * size for stem, size in SIZES.items()}
    contents |= {f"htdocs{name(number)}": b"m" * size for number, size in enumerate(site.sizes)}
    for depth in range(1, levels + 1):
        contents[f"htdocs/{folder(depth)}.htaccess"] = HTACCESS.encode()
        contents[f"htdocs/{folder(depth)}index.html"] = b"h" * SIZES["small"]
    contents["htdocs/files/.htaccess"] = FRONT.encode()  # read where a workload allows it
    contents["htdocs/front/index.html"] = b"f" * SIZES["small"]
    contents["cgi-bin/hello"] = HELLO.encode()
    contents["mime.types"] = "".join(f"{kind} {ending}\n" for kind, ending in TYPES.items()).encode()
    for path, content in contents.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (site.changed, site.changed))
    (root / "cgi-bin/hello").chmod(0o755)
    root.chmod(0o755)  # servers that root starts change to another user
    return site


def folder(depth: int) -> str:
    """A folder so many levels deep, each of which has an .htaccess file: `ht/1/2/`."""
    return "/".join(["ht", *map(str, range(1, depth)), ""])


def sizes(files: int) -> tuple[int, ...]:
    """Bytes of each file of the mix: half of them below 5 KiB, few above 50."""
    chance = random.Random(files)
    return tuple(min(int(chance.lognormvariate(8.5, 1.1)) + 64, 200_000) for _ in range(files))
