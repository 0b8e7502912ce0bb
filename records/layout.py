"""URLs of the shards of a build: one folder per stage; a shard has the same name in all of them."""

from __future__ import annotations

from dataclasses import dataclass

from records.config import BuildConfig


@dataclass(frozen=True, slots=True)
class Layout:
    """URLs of one build's work, by stage and shard name."""

    work_url: str

    @classmethod
    def of(cls, config: BuildConfig) -> Layout:
        return cls(config.work_url)

    @property
    def config(self) -> str:
        """The resolved settings of the newest build, as JSON."""
        return f"{self.work_url}/config.json"

    def settings(self, content: str) -> str:
        """URL of the same, which no build with other settings replaces.

        Args:
            content: Hash of the settings.
        """
        return f"{self.folder('settings')}/{content}.json"

    @property
    def ranges(self) -> str:
        """URL of the assignment of shards to tasks, as JSON."""
        return f"{self.work_url}/ranges.json"

    def progress(self, part: str) -> str:
        """URL of a task's finished shards, as JSON."""
        return f"{self.folder('progress')}/{part}.json"

    def quarantined(self, shard: str) -> str:
        """URL of the reason why a shard was left out, as JSON."""
        return f"{self.folder('quarantine')}/{shard}.json"

    def folder(self, stage: str) -> str:
        return f"{self.work_url}/{stage}"

    def shard(self, stage: str, name: str) -> str:
        return f"{self.folder(stage)}/{name}.parquet"
