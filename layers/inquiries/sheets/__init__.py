"""Answer sheets: the same answer as JSON, as one HTML file, as a PDF true to scale, and as a workbook."""
