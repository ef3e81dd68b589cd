"""Every command that writes, killed (kill -9) before each of its steps on the disk, and what must hold afterwards."""
