"""Shards in an object store: the same calls, the same transaction."""

from __future__ import annotations

import pytest
from tests_support import make_shard, samples

from records import nearby
from records.errors import ConfigError
from records.files import exists, write_text
from records.shards import count_rows, read_report, read_rows
from sources.pull import list_samples, write_shards


def test_a_shard_is_a_transaction_in_a_bucket(bucket: str) -> None:
    output = f"{bucket}/made/x.parquet"
    assert make_shard(output, rows=70, lost=3).rows_out == 70
    assert make_shard(output, rows=70, lost=3).skipped
    assert count_rows(output) == 70
    assert [row["n"] for row in read_rows(output)] == list(range(70))


def test_a_pull_lands_in_a_bucket(bucket: str) -> None:
    names = write_shards("folder", samples(20), f"{bucket}/pull", shard_size=8)
    urls = list_samples(f"{bucket}/pull")
    assert [url.rsplit("/", 1)[1].removesuffix(".parquet") for url in urls] == names
    assert sum(count_rows(url) for url in urls) == 20
    assert all(exists(url) for url in urls)


def test_what_was_just_written_is_not_asked_for_again(bucket: str, requests: list[str]) -> None:
    output = f"{bucket}/made/x.parquet"
    with nearby.held():
        make_shard(output, rows=3)
        requests.clear()
        assert len(list(read_rows(output))) == 3
        assert read_report(output) is not None
        assert requests == []
        make_shard(output, rows=4, settings="other")
        assert len(list(read_rows(output))) == 4
    requests.clear()
    assert len(list(read_rows(output))) == 4
    assert "get_object" in requests


def test_a_bucket_that_does_not_exist_is_named(bucket: str) -> None:
    with pytest.raises(ConfigError, match=r"s3://nowhere/a/config\.json: .*create the bucket, or"):
        write_text("s3://nowhere/a/config.json", "{}")
