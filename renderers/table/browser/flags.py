"""Command line flags of Chromium for tables."""

from __future__ import annotations

STEADY = (
    "--blink-settings=imageAnimationPolicy=2", "--disable-gpu", "--disable-lcd-text",
    "--disable-smooth-scrolling", "--font-render-hinting=none", "--force-color-profile=srgb",
    "--force-device-scale-factor=1", "--hide-scrollbars", "--num-raster-threads=1",
)  # fmt: skip
"""Flags that make pictures independent of time, screen and font settings."""

FLAGS = (
    "--headless",
    "--no-startup-window",
    # Frames are drawn on request, once and completely.
    "--enable-begin-frame-control",
    "--run-all-compositor-stages-before-draw",
    "--disable-checker-imaging",
    "--disable-image-animation-resync",
    "--disable-new-content-rendering-timeout",
    "--disable-threaded-animation",
    "--disable-threaded-scrolling",
    *STEADY,
    "--renderer-process-limit=1",
    # Features that tables do not need and that a page could abuse.
    "--disable-3d-apis",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-databases",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=HttpsUpgrades,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,"
    "PaintHolding,PreconnectToSearch",
    "--disable-field-trial-config",
    "--disable-file-system",
    "--disable-local-storage",
    "--disable-notifications",
    "--disable-quic",
    "--disable-remote-fonts",
    "--disable-speech-api",
    "--disable-sync",
    "--disable-webgl",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--js-flags=--jitless",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    # A waiting browser must not be throttled in the background.
    "--disable-back-forward-cache",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-dev-shm-usage",
    "--disable-hang-monitor",
    "--disable-ipc-flooding-protection",
    "--disable-renderer-backgrounding",
    "--disable-stack-profiler",
    "--metrics-recording-only",
)
