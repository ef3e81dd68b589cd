"""Records as platforms and tools write them, each made a row of the raw schema; nothing here opens a file."""
