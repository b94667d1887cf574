"""Parts of bench/compare: the servers, the load, what is measured, and the report."""
