"""An unknown name takes as long as a wrong password, because what is checked for it costs the same."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from ondijon.web.accounts import hash_of_nobody


def test_the_hash_of_nobody_costs_what_a_real_one_costs_and_no_password_gives_it() -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=2)
    nobody = hash_of_nobody(hasher)
    assert extract_parameters(nobody) == extract_parameters(hasher.hash("a password"))
    assert hash_of_nobody(hasher) != nobody
    with pytest.raises(VerifyMismatchError):
        hasher.verify(nobody, "a password")
