"""Where traces and their metadata lie; all SQL of the product stands below here."""
