"""Photos of classes: what is kept, how many, and two tabs of one reader at the same time."""

from concurrent.futures import ThreadPoolExecutor

from explainer.ui.training.albums import MOST, MOST_CLASSES, Album, Albums, Photo


def photo(number: int) -> Photo:
    return Photo(str(number), b"")


def keys(album: Album, name: str) -> list[str]:
    return [one.key for one in album.classes()[name]]


def test_photos_are_kept_by_class_in_their_order():
    album = Album()
    for name in ("cup", "pen", "cup", ""):
        album.add_class(name)
    for number in range(3):
        album.add("cup", photo(number))
    album.add("nothing", photo(3))
    before = album.classes()
    album.remove("cup", "1")
    assert list(album.classes()) == ["cup", "pen"]
    assert keys(album, "cup") == ["0", "2"]
    assert len(before["cup"]) == 3  # what a page is drawing stays as it is


def test_only_a_class_without_photos_is_removed():
    album = Album()
    album.add_class("cup")
    album.add("cup", photo(0))
    album.remove_class("cup")
    assert list(album.classes()) == ["cup"]
    album.remove("cup", "0")
    album.remove_class("cup")
    album.remove_class("cup")
    assert not album.classes()


def test_there_are_only_so_many_classes_and_photos_however_many_tabs_take_them():
    album = Album()
    for number in range(MOST_CLASSES + 3):
        album.add_class(str(number))
    assert len(album.classes()) == MOST_CLASSES
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: album.add("0", photo(number)), range(2 * MOST)))
    taken = keys(album, "0")
    assert len(taken) == len(set(taken)) == MOST


def test_a_reader_finds_the_same_album_until_others_need_the_room():
    albums = Albums(readers=2)
    mine = albums.of("me")
    albums.of("one")
    assert albums.of("me") is mine
    albums.of("two")
    assert albums.of("me") is mine
    albums.of("three")
    albums.of("four")
    assert albums.of("me") is not mine
