"""Passwords against the hashes that htpasswd and its kin write.

Three kinds, told apart by how they begin: `$apr1$` (Apache's variant of MD5-crypt, computed here), `{SHA}`
(base64 of SHA-1), and whatever the system's crypt() understands, from DES to bcrypt. Plain text never
matches, as on 2.2 for Unix. Comparing takes the same time wherever the difference is.
Manual: misc/password_encryptions.

Python has no crypt module any more, so libcrypt is called directly.
"""

import ctypes
import hashlib
import hmac
import threading
from base64 import b64encode
from collections.abc import Callable
from functools import cache

APR1 = b"$apr1$"
SHA1 = b"{SHA}"
_ITOA64 = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so", None)  # None: libc, as on musl
_CRYPT_DATA = 256 * 1024  # bytes; glibc's struct crypt_data is the largest with 131,232


class NoCrypt(Exception):
    """A hash needs crypt(), and this system has none."""


def verify(password: str, stored: str) -> bool:
    """Whether `stored` is a hash of the password. Raises NoCrypt."""
    secret, known = _bytes(password).partition(b"\0")[0], _bytes(stored)
    computed = _hash(secret, known)
    return bool(known) and computed is not None and hmac.compare_digest(computed, known)


def _hash(password: bytes, stored: bytes) -> bytes | None:
    if stored.startswith(APR1):
        return apr1(password, stored[len(APR1) :].partition(b"$")[0])
    if stored.startswith(SHA1):
        return SHA1 + b64encode(hashlib.sha1(password, usedforsecurity=False).digest())
    return _system_crypt()(password, stored)


def apr1(password: bytes, salt: bytes) -> bytes:
    """MD5-crypt with Apache's mark: `$apr1$salt$hash`. Of the salt eight bytes count."""
    salt = salt[:8]
    inner = _md5(password + salt + password)
    start = password + APR1 + salt + (inner * (len(password) // 16 + 1))[: len(password)]
    length = len(password)
    while length:
        start += b"\0" if length & 1 else password[:1]
        length >>= 1
    digest = _md5(start)
    for turn in range(1000):
        digest = _md5(_turn(turn, password, salt, digest))
    return APR1 + salt + b"$" + _base64(digest)


def _turn(turn: int, password: bytes, salt: bytes, digest: bytes) -> bytes:
    first, last = (password, digest) if turn & 1 else (digest, password)
    return first + (salt if turn % 3 else b"") + (password if turn % 7 else b"") + last


_GROUPS = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))


def _base64(digest: bytes) -> bytes:
    """crypt's own order of bytes and letters."""
    words = [(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in _GROUPS]
    words.append((digest[11], 2))
    return bytes(_ITOA64[word >> 6 * place & 63] for word, places in words for place in range(places))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


@cache
def _system_crypt() -> Callable[[bytes, bytes], bytes | None]:
    """The system's crypt, in whichever library it is. Raises NoCrypt."""
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        if hasattr(library, "crypt_r"):
            return _reentrant(library)
        if hasattr(library, "crypt"):
            return _one_at_a_time(library)
    raise NoCrypt("this system offers no crypt(): use htpasswd -m, or -s")


def _reentrant(library: ctypes.CDLL) -> Callable[[bytes, bytes], bytes | None]:
    function = library.crypt_r
    function.restype, function.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)

    def crypt(password: bytes, stored: bytes) -> bytes | None:
        answer: bytes | None = function(password, stored, ctypes.create_string_buffer(_CRYPT_DATA))
        return answer

    return crypt


def _one_at_a_time(library: ctypes.CDLL) -> Callable[[bytes, bytes], bytes | None]:
    function, lock = library.crypt, threading.Lock()
    function.restype, function.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_char_p)

    def crypt(password: bytes, stored: bytes) -> bytes | None:
        with lock:
            answer: bytes | None = function(password, stored)
            return answer

    return crypt


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
