"""Real servers, small disks and waits: what tests, benchmarks and torture stand on."""
