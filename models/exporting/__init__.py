"""Claims and figures as a file: which columns there are, and how they become CSV or a workbook."""
