"""Paper: the geometry of a weekly sheet, its drawing as PDF, and the reading of a photographed one. No framework, no clock."""
