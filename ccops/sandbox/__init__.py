"""A pretended Constant Contact V3 API: the second witness of what the vendor's API does.

It is written from the vendor's published facts alone and knows nothing of the rest of ccops, so a
field misspelt in one cannot be misspelt in both. Standard library only.

Marks in the docstrings of this package say how sure a fact is: (spec) the vendor's Swagger,
(docs) the vendor's guides, (recorded) recorded traffic, (probe) reported by people who tried it,
(inferred) our reading where nothing is published.
"""
