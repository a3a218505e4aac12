"""The results of runs as a star schema in a database: facts, dimensions, and views for BI tools."""
