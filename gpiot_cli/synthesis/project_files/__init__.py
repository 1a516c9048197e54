"""Files that are copied as they are into every generated project; they run without gpiot."""
