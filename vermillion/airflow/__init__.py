"""What Airflow needs beside the DAG files: assets, operators, training steps and pages."""
