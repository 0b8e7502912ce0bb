"""The data path: its stages, local workers, model servers, the DAG form and source refreshes."""
