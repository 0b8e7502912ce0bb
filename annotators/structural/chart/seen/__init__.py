"""Both charts as they lie on paper: values by tick labels, marks by what shows, whoever drew them."""
