' The rows of a file as a menu, and a menu out of what FIND gave.
SAVE "teas.csv", [{"name": "Green", "price": 10}, {"name": "Mint", "price": 6}]
HEAR tea AS teas.csv
TALK tea
rows = FIND "teas.csv"
HEAR again AS PLUCK(rows, "name")
TALK again
