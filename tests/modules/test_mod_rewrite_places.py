"""mod_rewrite: rules of directories, virtual hosts and sections, and which of them apply where."""

from rewriting import CGI, ON, OPEN, SHOW

WORDPRESS = """
RewriteEngine On
RewriteBase /
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
"""


def test_a_directory_s_rules_that_feed_themselves_end_at_the_limit(get):
    answer = get("/l/a", conf=OPEN, files={"htdocs/l/.htaccess": "RewriteEngine On\nRewriteRule ^(.*)$ x/$1"})
    assert answer.status == 500
    assert "exceeded the limit of 10 internal redirects" in answer.log


def test_end_ends_rewriting_for_good(site):
    one = site(
        OPEN, {"htdocs/e/.htaccess": "RewriteEngine On\nRewriteRule ^(.*)$ x$1 [END]", "htdocs/e/xa": "xa"}
    )
    assert one.get("/e/a").text == "xa"


def test_wordpress(site):
    one = site(CGI + ON, {"htdocs/.htaccess": WORDPRESS.replace(".php", ".cgi"), "htdocs/index.cgi": SHOW,
                            "htdocs/style.css": "css", "htdocs/up/x.txt": "x"})  # fmt: skip
    assert one.get("/2012/05/a-title/?p=1").text == "p=1||/2012/05/a-title/"
    assert one.get("/style.css").text == "css"
    assert one.get("/up/x.txt").text == "x"
    assert one.get("/up").status == 301


def test_a_directory_s_rules_see_the_path_behind_it_and_path_info(site):
    rules = (
        "RewriteEngine On\nRewriteRule ^a/(.*)$ show.cgi/$1 [L]\nRewriteRule ^q/(.*)$ show.cgi?v=$1 [L,QSA]"
    )
    one = site(CGI + ON, {"htdocs/d/.htaccess": rules, "htdocs/d/show.cgi": SHOW})
    assert one.get("/d/a/x/y?z").text == "z|/x/y|/d/a/x/y"
    assert one.get("/d/q/x?z").text == "v=x&z||/d/q/x"


def test_path_info_comes_twice_unless_it_is_discarded(site):
    rules = "RewriteEngine On\nRewriteRule ^f\\.txt(.*)$ g$1 {}\nRewriteRule ^g(.*)$ http://o.example$1 [R]"
    for flag, target in (("", "/p/p"), ("[DPI]", "/p")):
        one = site(OPEN, {"htdocs/d/.htaccess": rules.format(flag), "htdocs/d/f.txt": "f"})
        assert one.get("/d/f.txt/p").headers["Location"] == f"http://o.example{target}"
        (one.root / "htdocs/d/.htaccess").unlink()


def test_rewrite_base_stands_for_the_directory(site):
    rules = "RewriteEngine On\nRewriteBase /al\nRewriteRule ^x$ y.txt [L]\nRewriteRule ^r$ y.txt [R]"
    one = site(OPEN + 'Alias /al "@ROOT@/share"', {"share/.htaccess": rules, "share/y.txt": "y"})
    assert one.get("/al/x").text == "y"
    assert one.get("/al/r").headers["Location"] == "http://www.example.com/al/y.txt"


def test_without_links_allowed_a_directory_s_rules_are_refused(get):
    conf = OPEN + '<Directory "@ROOT@/htdocs/d">\nOptions None\n</Directory>'
    answer = get("/d/x", conf=conf, files={"htdocs/d/.htaccess": "RewriteEngine On\nRewriteRule x y"})
    assert answer.status == 403
    assert "RewriteRule directive is forbidden" in answer.log


def test_inner_rules_replace_outer_ones_unless_they_inherit(site):
    def rule(name, option=""):
        return f"RewriteEngine On\n{option}\nRewriteRule ^{name}$ - [G]\nRewriteCond %{{HTTP_HOST}} waits"

    one = site(OPEN, {
        "htdocs/o/.htaccess": rule("a"), "htdocs/o/in/.htaccess": rule("b"),
        "htdocs/o/inh/.htaccess": rule("b", "RewriteOptions inherit"), "htdocs/o/none/x": "x",
    })  # fmt: skip
    assert [one.get(f"/o/{path}").status for path in ("a", "in/a", "in/b", "inh/a", "inh/b")] == [
        410, 404, 410, 410, 410,
    ]  # fmt: skip


def test_merge_base_keeps_the_outer_base(site):
    inner = "RewriteRule ^x$ y.txt [R]"
    files = {
        "htdocs/o/.htaccess": "RewriteEngine On\nRewriteOptions MergeBase\nRewriteBase /base",
        "htdocs/o/in/.htaccess": inner,
    }
    assert site(OPEN, files).get("/o/in/x").headers["Location"] == "http://www.example.com/base/y.txt"


def test_virtual_hosts_have_rules_of_their_own(site):
    conf = (
        ON
        + """
NameVirtualHost *:80
RewriteRule ^/main$ - [G]
<VirtualHost *:80>
ServerName none.example
</VirtualHost>
<VirtualHost *:80>
ServerName own.example
RewriteRule ^/own$ - [G]
</VirtualHost>
<VirtualHost *:80>
ServerName heir.example
RewriteOptions inherit
</VirtualHost>
"""
    )
    one = site(conf)

    def status(path, host):
        return one.get(path, headers={"Host": host}).status

    assert (status("/main", "none.example"), status("/main", "own.example")) == (404, 404)
    assert (status("/own", "own.example"), status("/main", "heir.example")) == (410, 410)


def test_rules_in_location_and_files(site):
    conf = (
        OPEN
        + "<Location /l>\nRewriteEngine On\nRewriteRule here$ - [F]\n</Location>\n"
        + "<Files x.txt>\nRewriteEngine On\nRewriteRule ^ - [G]\n</Files>"
    )
    one = site(conf, {"htdocs/x.txt": "x", "htdocs/l/a": "a"})
    assert [one.get(path).status for path in ("/l/here", "/l/a", "/x.txt")] == [403, 200, 410]
