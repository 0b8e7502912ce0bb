"""The command line, data path and Airflow integration: code that connects the other packages."""
