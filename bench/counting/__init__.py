"""The benchmark of counts and facets: how far estimates are from the truth, and what each way of counting takes."""
