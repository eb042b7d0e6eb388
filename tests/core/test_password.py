"""Passwords against every kind of hash that htpasswd writes."""

import pytest

from pyhttpd.core.password import NoCrypt, _system_crypt, verify

try:
    _system_crypt()
except NoCrypt:
    CRYPT = False
else:
    CRYPT = True


@pytest.mark.parametrize(
    ("password", "stored"),
    [
        ("secret", "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"),
        ("", "$apr1$zz.$4LPlRKZZnHuvd./HDKlg61"),
        ("a", "$apr1$zz.$RsAEKvh11Gx6bW8qypiPP0"),
        ("x" * 100, "$apr1$zz.$ypFkq1xaZIyIkYUESuHML1"),
        ("é", "$apr1$zz.$ww3JntSJ3cZ4Y0/womLu7."),
        ("secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="),
    ],
)
def test_the_right_password_is_accepted_and_another_is_not(password: str, stored: str) -> None:
    assert verify(password, stored)
    assert not verify(password + "x", stored)


@pytest.mark.skipif(not CRYPT, reason="no crypt() here")
def test_the_systems_crypt_is_asked_about_everything_else() -> None:
    assert verify("secret", "abNANd1rDfiNc")
    assert not verify("Secret", "abNANd1rDfiNc")


@pytest.mark.skipif(not CRYPT, reason="no crypt() here")
@pytest.mark.parametrize(
    ("password", "stored"), [("secret", "secret"), ("", ""), ("*0", "*0"), ("*1", "*0"), ("x", "*")]
)
def test_what_is_no_hash_never_matches(password: str, stored: str) -> None:
    assert not verify(password, stored)


def test_a_password_ends_at_a_nul_byte_as_in_c() -> None:
    assert verify("secret\0more", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")
