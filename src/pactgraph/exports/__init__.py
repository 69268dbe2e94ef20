"""What analysts take away: named views of the dataset; the same revision gives the same bytes."""
