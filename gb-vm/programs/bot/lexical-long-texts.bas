' A text may go on over lines when a later line closes it.
note = "Dear Ana,
your order is on its way.
  Yours, the shop"
TALK note
n = 3
TALK "You have
" + n + " messages
and " + (n + 1) + " tasks"
