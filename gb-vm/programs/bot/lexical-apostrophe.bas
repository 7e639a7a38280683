' After = ( , [ : + an apostrophe begins a text; elsewhere it begins a remark.
a = 'single'
TALK a
TALK UCASE('loud')
parts = ['x', 'y']
TALK parts[1]
o = {"k": 'v', k2: 'w'}
TALK o.k + 'joined' + o.k2
TALK a 'a remark
IF a = 'single' THEN
  TALK REPLACE("it's", "'", "-")
END IF
IF a <> 'double' THEN TALK "differs" 'isn't it
TALK "'" + a + "'"
b = 'say "hi"'
TALK b
c = a ' not 'a text'
TALK c
TALK LEN('single ${name}')
