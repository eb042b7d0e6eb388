"""The modules we ship. `STANDARD` is what a configuration without LoadModule lines gets, and `-l` prints.

The order is that of 2.2's static build; it decides who is asked first where hooks say nothing else.
"""

STANDARD = (
    "mod_authn_file",
    "mod_authz_host",
    "mod_authz_user",
    "mod_authz_default",
    "mod_auth_basic",
    "mod_log_config",
    "mod_logio",
    "mod_env",
    "mod_headers",
    "mod_setenvif",
    "mod_version",
    "mod_mime",
    "mod_status",
    "mod_autoindex",
    "mod_cgi",
    "mod_cgid",
    "mod_dir",
    "mod_actions",
    "mod_userdir",
    "mod_alias",
    "mod_rewrite",
)
