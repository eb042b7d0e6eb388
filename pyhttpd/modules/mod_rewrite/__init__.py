"""mod_rewrite: rewrite URLs by rules. Manual: mod/mod_rewrite and rewrite/.

Rules of a server or virtual host run first of all when a URL is translated to a file, on the URL path
(`of_server`). Those of a directory run in fixups, when the file is known and access granted, on its path;
what they change begins a new request, which goes through all phases again (`of_directory`). Rules of a
directory that feed themselves are ended by LimitInternalRecursion.

`settings` has the directives, `syntax` what lines mean, `engine` the interpreter; `template`, `variables`,
`conditions`, `effects`, `maps` and `urls` are what it uses; `outcome` is what becomes of the result, `state`
what runs while the server does, `trace` the RewriteLog.
"""

from pyhttpd.modules.mod_rewrite import of_directory, of_server, state
from pyhttpd.modules.mod_rewrite.settings import module

__all__ = ["module", "of_directory", "of_server", "state"]
