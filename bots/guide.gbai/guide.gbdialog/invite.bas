' Advice on inviting, by the size of the team.

SUB invite()
  TALK t("How many people are in ${team}?", "Quantas pessoas há em ${team}?")
  HEAR size AS INTEGER
  DO WHILE size < 1
    TALK t("At least you! How many, counting yourself?", "Pelo menos você! Quantas, contando com você?")
    HEAR size AS INTEGER
  LOOP

  SELECT CASE size
    CASE 1
      TALK t("Just you for now. Invite the first colleague and the rest will follow.", "Por enquanto só você. Convide a primeira pessoa e o resto vem.")
    CASE 2 TO 10
      TALK t("With ${size} people, one channel for everything is a good start.", "Com ${size} pessoas, um canal para tudo é um bom começo.")
    CASE 11 TO 100
      TALK t("For ${size} people, make a channel for each project and one for announcements.", "Para ${size} pessoas, crie um canal por projeto e um para avisos.")
    CASE ELSE
      TALK t("${FORMAT(size, "#,##0")} people! Start with departments, and let each make its channels.", "${FORMAT(size, "#,##0")} pessoas! Comece pelos departamentos e deixe cada um criar seus canais.")
  END SELECT
  TALK t("Choose *Invite people* on the far left: you get a link to send, and a QR code to hold up.", "Escolha *Convidar pessoas* na ponta esquerda: você recebe um link para enviar e um código QR para mostrar.")
END SUB
