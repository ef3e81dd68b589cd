"""Import posts: from files and from the network."""

from dashboards.parts import importing

importing.draw()
