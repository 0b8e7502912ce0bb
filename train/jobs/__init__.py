"""Long jobs that outlive the task that started them: started once, found again, stopped as a whole."""
