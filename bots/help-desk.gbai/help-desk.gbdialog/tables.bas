TABLE tickets
  number string(8) key
  person string(80)*
  question text*
  state string(20)*
  opened datetime
  helper string(120)
  stars integer
END TABLE
