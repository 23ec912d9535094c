"""A form as a workbook: filled in away from the network, read back cell by cell."""
