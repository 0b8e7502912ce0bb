"""Parallel renderers of all modalities, usable from any thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from records.taxonomy import Language, Modality
from renderers.contract import Render
from renderers.registry import open_renderer
from sandbox.status import Limits


class RendererThreads:
    """Renderers of all modalities, each in its own thread, as browsers require."""

    def __init__(self, workers: int = 1, limits: Limits | None = None) -> None:
        self._workers = workers
        self._limits = limits
        self._renderers: dict[Modality, list[_ThreadedRenderer]] = {}
        self._turn = 0
        self._lock = threading.Lock()

    def draw(self, code: str, language: Language) -> Future[Render]:
        """Draw a program; returns a future.

        Raises (in the future): RendererUnavailable, SandboxUnavailable.
        """
        with self._lock:
            modality = language.modality
            if modality not in self._renderers:
                self._renderers[modality] = [
                    _ThreadedRenderer(modality, self._limits) for _ in range(self._workers)
                ]
            self._turn += 1
            renderer = self._renderers[modality][self._turn % self._workers]
        return renderer.threads.submit(renderer.draw, code, language)

    def close(self) -> None:
        for renderer in (
            renderer for renderers in self._renderers.values() for renderer in renderers
        ):
            try:
                renderer.threads.submit(renderer.close).result()
            except RuntimeError:
                renderer.close()  # the process is ending, and its pools have ended already
            renderer.threads.shutdown()


class _ThreadedRenderer:
    """One renderer and the only thread that touches it."""

    def __init__(self, modality: Modality, limits: Limits | None) -> None:
        self.threads = ThreadPoolExecutor(1, f"draw-{modality}")
        # The same pictures for a third less CPU (decision 22); training draws nothing but.
        self._renderer = open_renderer(modality, limits, table_driver="pipe")
        self._entered = False

    def draw(self, code: str, language: Language) -> Render:
        if not self._entered:
            self._renderer.__enter__()
            self._entered = True
        return self._renderer.render(code, language)

    def close(self) -> None:
        if self._entered:
            self._renderer.__exit__(None, None, None)
