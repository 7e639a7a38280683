' What a shop in Brazil would write: accents everywhere, values in reais, dates in both spellings.
produto = "Chá de camomila"
preço = 12.9
quantidade = 3
total = preço * quantidade
TALK "Olá! O total é R$ " + FORMAT(total, "#,##0.00") + "."
TALK UCASE(produto)
vencimento = DATEADD("30/11/2026", 30, "day")
TALK "Vence em ${FORMAT(vencimento, "DD/MM/YYYY")}"
IF produto CONTAINS "chá" OR LCASE(produto) CONTAINS "chá" THEN
  TALK "é chá"
END IF
HEAR confirma AS BOOLEAN
IF confirma THEN TALK "Confirmado"
HEAR dia AS DATE
TALK FORMAT(dia, "dd/MM/yyyy")
HEAR forma AS "Cartão", "Pix", "Dinheiro"
TALK forma
pedido = {"cliente": "João", "itens": [{"nome": "Pão", "preço": 0.5}]}
TALK pedido.itens[0].preço
PARA = 5
TALK PARA
