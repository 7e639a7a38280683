10 REM several dimensions, and arrays of texts
20 DIM A(3),B(2,3),C(1,1,2),N$(2,2)
30 FOR I=0 TO 2:FOR J=0 TO 3:B(I,J)=I*10+J:NEXT J,I
40 PRINT B(0,0);B(2,3);B(1,2)
50 C(1,0,2)=7:C(0,1,1)=8
60 PRINT C(1,0,2);C(0,1,1);C(1,1,2)
70 N$(1,2)="HELLO":N$(0,0)=N$(1,2)+"!"
80 PRINT N$(0,0);N$(1,1);"."
90 REM a number, a text and arrays of one name
100 X=1:X$="TWO":X(3)=3:X$(4)="FOUR":X%=5:X%(6)=6
110 PRINT X;X$;X(3);X$(4);X%;X%(6)
120 A(1.4)=14:A(1.5)=15:PRINT A(1);A(2)
130 PRINT A(B(0,1)+1)
140 PRINT A(4)
