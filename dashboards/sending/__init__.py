"""What a page gives away: its tables as a workbook or CSV, one of its charts to stand in another page.

All of it is taken from the finished page, so that what is sent says exactly what the page says.
"""
