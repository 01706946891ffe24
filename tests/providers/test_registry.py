import pytest

from studio.providers.dialect import Dialect
from studio.providers.registry import DIALECTS, dialect


def test_every_provider_stands_under_its_own_name() -> None:
    assert set(DIALECTS) >= {"local", "wayscloud-gpu"}
    for name, found in DIALECTS.items():
        assert dialect(name) is found
        assert found.name == name
        assert found.label


@pytest.mark.parametrize("found", DIALECTS.values(), ids=DIALECTS.keys())
def test_no_secret_is_in_what_a_dialect_says_of_itself(found: Dialect) -> None:
    assert "s3cret" not in repr(found)
    assert "s3cret" in str(found.headers("s3cret"))


def test_an_unknown_name_is_none() -> None:
    with pytest.raises(LookupError):
        dialect("nobody")
