"""From what a receiver says to a boundary that knows how sure it is: sentences → fixes → vertices with standard errors."""
