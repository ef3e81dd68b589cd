"""The dashboard as people meet it: a real server, and a real Chromium that looks at it."""
