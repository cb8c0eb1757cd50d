"""The town's open data: tables in the exact columns of the standards, and the catalogue of what is published."""
