"""HTML that is kept, up to a limit."""

from studio.lib.shelf import Shelf


def test_it_holds_so_much_and_what_was_not_asked_for_longest_goes():
    shelf = Shelf(10)
    for edition in (0, 1):
        shelf.put(edition, ("12345",))
    shelf.get(0)
    shelf.put(2, ("12345",))
    assert [shelf.get(edition) is not None for edition in range(3)] == [True, False, True]
    shelf.put(2, ("123", "45"))
    assert (shelf.get(2), shelf.size) == (("123", "45"), 10)
    shelf.put(3, ("x" * 11,))
    assert shelf.size == 0
