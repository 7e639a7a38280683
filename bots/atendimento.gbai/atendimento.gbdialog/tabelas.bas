TABLE protocolos
  numero string(20) key
  cpf string(14)*
  pessoa string(80)*
  assunto string(40)*
  relato text
  estado string(20)*
  aberto datetime
END TABLE
