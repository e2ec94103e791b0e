"""The parts of a workbook and their relations: sheets as streams of rows, strings, styles, tables, names."""
