' HEAR with prompts, defaults and several names, as a value, into a property or an element, and in a procedure.
HEAR a
TALK a
HEAR b AS INTEGER WITH "How many?"
TALK b + 1
HEAR c AS TEXT WITH "Colour?" DEFAULT "red"
TALK c
HEAR d AS INTEGER DEFAULT 7
TALK d
e = HEAR "Your name?"
TALK "Hi " + e
HEAR f WITH "No type?"
TALK f
HEAR g, h
TALK g + h
o = {}
HEAR o.name AS NAME
TALK o
list = []
HEAR list[0]
TALK list[0]
SUB ask(what)
  HEAR answer WITH what + "?"
  TALK "heard " + answer
END SUB
ask("Weight")
hear x as string
talk x
k = HEAR
TALK k
