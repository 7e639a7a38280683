REM a remark, with "quotes" and 'apostrophes'
' another
# a third, at the start of a line
// a fourth
   # also after blanks
TALK "one" ' after a statement
total = 3 'glued to the value
TALK total ' it's the sum
TALK "don't" + " stop" ' the apostrophe of don't is text
TALK "a # b // c ' d REM e"
remainder = 5 : TALK remainder
  REM indented: TALK "never"
TALK "two" : REM after a colon
