"""How Chromium is started for tables."""

from __future__ import annotations

STEADY = (
    "--blink-settings=imageAnimationPolicy=2",
    "--disable-gpu",
    "--disable-lcd-text",
    "--disable-smooth-scrolling",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--num-raster-threads=1",
)
"""No picture depends on time, on the machine's screen or on its fonts' settings."""

FLAGS = (
    "--headless",
    "--no-startup-window",
    # Frames are drawn when asked for, once, complete.
    "--enable-begin-frame-control",
    "--run-all-compositor-stages-before-draw",
    "--disable-checker-imaging",
    "--disable-image-animation-resync",
    "--disable-new-content-rendering-timeout",
    "--disable-threaded-animation",
    "--disable-threaded-scrolling",
    *STEADY,
    "--renderer-process-limit=1",
    # Nothing that a table needs, and nothing that a page could try.
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
    # A held browser waits for work, in the foreground or not.
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
