"""Dead links of the documentation site are found."""

from __future__ import annotations

from pathlib import Path

from vermillion.pages.links import dead_links


def test_pages_anchors_and_pictures_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="#top"></a><a href="deep/b.html#end"></a><a href="#gone"></a>'
        '<a href="c.html"></a><img src="d.png"><a href="https://other.site/x"></a>'
    )
    (tmp_path / "deep" / "b.html").write_text('<a href="../a.html#top"></a><a href="../a.html#no">')
    assert dead_links(tmp_path) == [
        "a.html: deep/b.html#end",
        "a.html: #gone",
        "a.html: c.html",
        "a.html: d.png",
        "deep/b.html: ../a.html#no",
    ]
