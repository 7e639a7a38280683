' Names and keywords are the same in capitals and small letters, and may have letters of any language.
Total = 5
TALK total
TALK TOTAL
Talk "mixed"
talk "small"
tAlK "wild"
ação = "agir"
TALK ação
TALK AÇÃO
preço_médio = 7.5
TALK preço_médio
名前 = "Yuki"
TALK 名前
x1 = 1
x_1 = 2
_x = 3
TALK x1 + x_1 + _x
name$ = "suffix"
TALK name$
count% = 4
TALK count%
row = {"Price": 10}
TALK row.Price
TALK row.price
TALK row.PRICE
If total = 5 Then
  Talk "then"
Else
  Talk "else"
End If
