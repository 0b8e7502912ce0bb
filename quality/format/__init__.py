"""The published format: columns, words of the training messages, manifest, versions."""
