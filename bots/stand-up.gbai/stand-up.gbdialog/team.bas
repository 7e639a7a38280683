TABLE team
  person string(80) key
  name string(120)
END TABLE

TABLE updates
  entry string(120) key
  day date*
  person string(80)*
  name string(120)
  did text
  plan text
  blocked text
END TABLE
