' How a bot is written, in one example.

SUB write_a_bot()
  TALK t("A bot is a small script in BASIC. This one is complete:", "Um bot é um pequeno roteiro em BASIC. Este está completo:")
  TALK "```basic\nTALK \"What is your name?\"\nHEAR name\nTALK \"Hello, \" + name + \"!\"\n```"
  TALK t("TALK says something, HEAR waits for the answer - for a minute or for a month, it goes on where it was.",
         "TALK diz algo, HEAR espera a resposta - um minuto ou um mês, ele continua de onde estava.")

  IF agrees(t("Shall I show how to ask for a number?", "Mostro como pedir um número?")) THEN
    TALK "```basic\nHEAR people AS INTEGER\nIF people > 10 THEN\n  TALK \"That is a big table!\"\nEND IF\n```"
    TALK t("When the answer is not a whole number, the bot asks again by itself.", "Quando a resposta não é um número inteiro, o bot pergunta de novo sozinho.")
  END IF
  TALK t("To start your own, press + beside *Bots* in the side bar.", "Para começar o seu, clique em + ao lado de *Bots* na barra lateral.")
END SUB
