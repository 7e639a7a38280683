' Atendimento: quem é, o que precisa, e alguém de carne e osso quando for o caso.

INCLUDE "tabelas.bas"

SET LANGUAGE "pt-BR"
TALK "Olá, ${username}! Que bom falar com você."
cpf = GET USER MEMORY "cpf"
IF cpf IS NULL THEN
  HEAR cpf AS CPF WITH "Para começar, qual é o seu CPF?"
  SET USER MEMORY "cpf", cpf
END IF
conta = FIND ONE "contas.csv" WHERE cpf = REGEX REPLACE(cpf, "\\D", "")

DO
  HEAR pedido AS "Segunda via", "Minha entrega", "Fazer uma reclamação", "Meus protocolos", "Falar com alguém", "É só isso" WITH "Em que posso ajudar?"
  SELECT CASE pedido
  CASE "Segunda via"
    segunda_via()
  CASE "Minha entrega"
    entrega()
  CASE "Fazer uma reclamação"
    reclamar()
  CASE "Meus protocolos"
    protocolos()
  CASE "Falar com alguém"
    falar_com_alguem("Pediu uma pessoa")
  END SELECT
LOOP UNTIL pedido = "É só isso"
TALK "Obrigado pelo contato, ${username}. Até a próxima!"

SUB segunda_via()
  IF conta IS NULL THEN
    TALK "Não encontrei uma conta em aberto com esse CPF. Boa notícia!"
    EXIT SUB
  END IF
  TALK {card: {title: "Conta de ${conta.nome}", facts: [
    {name: "Vencimento", value: FORMAT(conta.vencimento, "dd/MM/yyyy")},
    {name: "Valor", value: "R$ " + REPLACE(FORMAT(conta.valor, "0.00"), ".", ",")}
  ], text: conta.linha}}
  codigo = QR CODE conta.linha
  TALK codigo
END SUB

SUB entrega()
  DIM cep
  HEAR cep AS ZIPCODE WITH "Qual é o CEP da entrega?"
  TRY
    lugar = GET "https://viacep.com.br/ws/${REPLACE(cep, "-", "")}/json/"
  CATCH problema
    LOG "CEP: " + problema.message
    TALK "Não consegui consultar o CEP agora. Vou passar para alguém."
    falar_com_alguem("Entrega no CEP ${cep}")
    EXIT SUB
  END TRY
  IF NOT HAS(lugar, "localidade") THEN
    TALK "Esse CEP não existe. Pode conferir?"
    EXIT SUB
  END IF
  TALK "Entregamos em **${lugar.localidade}/${lugar.uf}** em até ${IIF(lugar.uf = "PE", 2, 7)} dias úteis."
END SUB

SUB reclamar()
  DIM relato, numero
  HEAR relato WITH "Sinto muito. Conte o que aconteceu."
  numero = abrir("reclamação", relato)
  TALK "Anotei. Seu protocolo é **${numero}**, e respondemos em até cinco dias úteis."
  HEAR agora AS BOOLEAN WITH "Quer falar com alguém agora?"
  IF agora THEN falar_com_alguem("${numero}: ${relato}")
END SUB

FUNCTION abrir(assunto, relato)
  DIM numero
  numero = FORMAT(NOW, "yyyyMMdd") + "-" + UCASE(LEFT(REPLACE(GUID(), "-", ""), 6))
  SAVE "protocolos", numero, cpf, pessoa = handle, assunto, relato, estado = "aberto", aberto = NOW
  RETURN numero
END FUNCTION

SUB protocolos()
  DIM um, meus
  meus = FIND "protocolos" WHERE pessoa = handle ORDER BY aberto DESC LIMIT 5
  IF meus IS NULL THEN
    TALK "Você não tem protocolos."
    EXIT SUB
  END IF
  FOR EACH um IN meus
    TALK "**${um.numero}** (${um.estado}): ${um.relato}"
  NEXT
END SUB

SUB falar_com_alguem(motivo)
  DIM alguem, numero
  IF NOT aberto_agora() THEN
    numero = abrir("retorno", motivo)
    TALK "Atendemos de segunda a sexta, das ${GET CONFIG "abre"}h às ${GET CONFIG "fecha"}h. Abri o protocolo **${numero}**, e alguém escreve para você."
    EXIT SUB
  END IF
  alguem = TRANSFER TO HUMAN, motivo
  IF alguem IS NULL THEN
    TALK "Ninguém pôde atender agora. Tente de novo daqui a pouco, ou abra uma reclamação."
    EXIT SUB
  END IF
  HEAR nota AS "Ótimo", "Bom", "Poderia ser melhor" WITH "Estou de volta. Como foi falar com ${alguem.by}?"
  RECORD METRIC "atendimento" WITH nota = nota
  TALK "Obrigado! Vou contar a ${alguem.by}."
END SUB

FUNCTION aberto_agora()
  IF WEEKDAY(TODAY) = 1 OR WEEKDAY(TODAY) = 7 THEN RETURN FALSE
  RETURN HOUR(NOW) >= VAL(GET CONFIG "abre") AND HOUR(NOW) < VAL(GET CONFIG "fecha")
END FUNCTION
