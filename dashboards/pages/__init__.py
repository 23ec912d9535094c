"""What each page shows: rows in, a dictionary of ready words, drawings and figures for its template out."""
