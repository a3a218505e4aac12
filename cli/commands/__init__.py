"""One module for each command: its options here, its work in the packages."""
