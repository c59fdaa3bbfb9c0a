"""How fast claimbot is, as ratios against a baseline of the same run: `python -m benchmarks [name …]`."""
