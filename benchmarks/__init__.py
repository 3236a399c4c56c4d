"""What the speed claims rest on: `make bench` prints one table, measured on this machine."""
