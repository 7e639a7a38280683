' PRINT puts values side by side; TALK says one.
PRINT "a"; 1; "b"; TRUE
PRINT "no ";
PRINT "line end"
PRINT "one", "two"
PRINT
PRINT TAB(5); "x"; SPC(2); "y"
PRINT USING "##.##"; 3.14159
