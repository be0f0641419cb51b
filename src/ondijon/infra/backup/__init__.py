"""Everything of a home in one folder with a sum for each file, and a home made of such a folder again."""
