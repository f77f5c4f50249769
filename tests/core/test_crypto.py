"""Sealing and blind indexes against published vectors and against the library itself."""

import os

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from songhe.core.crypto import BadKey, BadSeal, Keyring, _LibrarySm3, hmac_sm3
from songhe.core.gcm import Gcm

RING = Keyring({"k1": b"first secret of the test", "k2": b"second secret of the test"})


def test_sm4_gcm_standard_vector():
    """RFC 8998 appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    ad = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    cipher, tags = Gcm(key).seal(
        np.frombuffer(nonce, np.uint8)[None], np.frombuffer(plain, np.uint8)[None], np.array([64]), ad
    )
    assert cipher.tobytes().hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    assert tags.tobytes().hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"


def test_sm3_and_hmac_standard_vectors():
    """GB/T 32905 example 1 for the hash; HMAC checked against the library's own."""
    assert _LibrarySm3(b"abc").digest().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    import hmac

    for key in (b"k", b"x" * 64, b"y" * 100):
        assert hmac_sm3(key)(b"message") == hmac.digest(key, b"message", "sm3")


def test_hmac_without_a_system_sm3(monkeypatch):
    with_system = hmac_sm3(b"key")(b"text")
    monkeypatch.setattr("songhe.core.crypto._has_sm3", lambda: False)
    assert hmac_sm3(b"key")(b"text") == with_system


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.text(max_size=80), max_size=40), st.binary(max_size=40))
def test_bulk_and_single_open_each_other(texts, ad):
    sealed = RING.seal_many(texts, ad)
    assert [None if c is None else RING.open_sealed(c, ad) for c in sealed] == texts
    assert RING.open_many([None if t is None else RING.seal(t, ad) for t in texts], ad) == texts


def test_bulk_equals_the_library_byte_for_byte():
    key, ad = os.urandom(16), b"person.phone"
    for size in (0, 1, 15, 16, 17, 31, 32, 33, 100):
        nonce, plain = os.urandom(12), os.urandom(size)
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(ad)
        wanted = encryptor.update(plain) + encryptor.finalize()
        width = (size + 15) // 16 * 16
        cipher, tags = Gcm(key).seal(
            np.frombuffer(nonce, np.uint8)[None],
            np.frombuffer(plain.ljust(width, b"\0"), np.uint8).reshape(1, width),
            np.array([size]),
            ad,
        )
        assert cipher.tobytes()[:size] == wanted
        assert tags.tobytes() == encryptor.tag


def test_long_text_and_large_batches_keep_their_order():
    texts = [f"九九村{i}号" * (1 + i % 7) for i in range(20_000)] + ["长" * 5000, None, ""]
    assert RING.open_many(RING.seal_many(texts)) == texts


def test_newest_key_seals_and_old_ones_open():
    old = Keyring({"k1": b"first secret of the test"})
    cell = old.seal("13800001234", b"phone")
    assert cell.startswith(b"k1:")
    assert not RING.is_current(cell)
    again = RING.reseal(cell, b"phone")
    assert again.startswith(b"k2:")
    assert RING.is_current(again)
    assert RING.open_sealed(memoryview(again), b"phone") == "13800001234"
    assert RING.open_many([cell, again], b"phone") == ["13800001234"] * 2
    with pytest.raises(BadSeal) as refused:
        old.open_sealed(again, b"phone")
    assert refused.value.code == "seal_unknown_key"
    assert "k2" in refused.value.text("en")


def test_k10_is_newer_than_k9():
    assert Keyring({"k10": b"a" * 16, "k9": b"b" * 16}).newest == "k10"


def test_damage_and_another_column_do_not_open():
    cell = bytearray(RING.seal("西村3号", b"address"))
    with pytest.raises(BadSeal):
        RING.open_sealed(bytes(cell), b"phone")
    with pytest.raises(BadSeal):
        RING.open_many([bytes(cell)], b"phone")
    for at in (5, 16, len(cell) - 1):
        cell[at] ^= 1
        with pytest.raises(BadSeal):
            RING.open_sealed(bytes(cell), b"address")
        with pytest.raises(BadSeal):
            RING.open_many([bytes(cell)], b"address")
        cell[at] ^= 1
    for broken in (b"", b"k1", b"k1:short", b"x" * 60):
        with pytest.raises(BadSeal):
            RING.open_sealed(broken)


def test_same_text_never_seals_alike_but_blinds_alike():
    assert len(set(RING.seal_many(["13800001234"] * 100))) == 100
    one = RING.blind("13800001234", "phone")
    assert RING.blind_many(["13800001234", None], "phone") == [one, None]
    assert RING.blind("13800001234", "id") != one
    assert len(one) == 32


def test_blind_survives_a_new_key_and_the_retiring_of_the_old():
    one = RING.blind("x", "id")
    assert Keyring({"k1": b"first secret of the test"}).blind("x", "id") == one
    assert Keyring({"k2": b"second secret of the test"}, blind=b"first secret of the test").blind("x", "id") == one


def test_key_ring_text():
    ring = Keyring.parse("k2:" + "ab" * 16 + ", k1:" + "cd" * 16 + ",blind:" + "ef" * 16)
    assert ring.newest == "k2"
    assert "ab" * 4 not in repr(ring)
    for bad, code in (
        ("", "key_missing"),
        ("k1:zz", "key_not_hex"),
        ("k1:ab", "key_too_short"),
        ("main:" + "ab" * 16, "key_bad_id"),
        ("k1:" + "ab" * 16 + ",k1:" + "ab" * 16, "key_bad_id"),
        ("k1:" + "ab" * 16 + ",blind:ab", "key_too_short"),
    ):
        with pytest.raises(BadKey) as refused:
            Keyring.parse(bad)
        assert refused.value.code == code
