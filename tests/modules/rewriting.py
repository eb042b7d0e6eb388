"""What tests of mod_rewrite begin with: rules allowed and on, and a program that shows what reached it."""

OPEN = '<Directory "@ROOT@">\nAllowOverride All\n</Directory>\n'
ON = OPEN + "RewriteEngine On\n"
SHOW = """#!/bin/sh
printf 'Content-Type: text/plain\\n\\n%s|%s|%s' "$QUERY_STRING" "$PATH_INFO" "$SCRIPT_URL"
"""
CGI = """
Options +ExecCGI
AddHandler cgi-script .cgi
<Directory "@ROOT@/htdocs">
    Options +ExecCGI
</Directory>
"""
