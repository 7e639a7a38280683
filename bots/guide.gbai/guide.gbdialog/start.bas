' The welcome bot. It greets, learns a little about the person, and then helps with
' whatever is chosen from the menu until the person has had enough.
' It speaks English, or Portuguese when the variable locale is "pt-BR".

INCLUDE "words.bas"
INCLUDE "tour.bas"
INCLUDE "bots.bas"
INCLUDE "invite.bas"
INCLUDE "chat.bas"

who = IIF(ISEMPTY(username), t("there", "pessoa"), username)
team = ""

TALK t("Hi ${who}, I'm Guide. Welcome!", "Oi, ${who}! Eu sou o Guide. Boas-vindas!")

TALK t("What do you do in your team? One or two words will do.", "O que você faz na equipe? Uma ou duas palavras bastam.")
HEAR role

TALK greet_role(role)
TALK t("And what is your team called?", "E como se chama a sua equipe?")
HEAR team
TALK t("**${team}** - noted.", "**${team}** - anotado.")

round = 0
DO
  round = round + 1
  IF round = 1 THEN
    TALK t("What would you like to do?", "O que você gostaria de fazer?")
  ELSE
    TALK t("What else can I do for you?", "O que mais posso fazer por você?")
  END IF

  options = [t("Show me around", "Me mostre tudo"), t("Write a bot", "Escrever um bot"), t("Invite people", "Convidar pessoas"), t("Just chat", "Só conversar")]
  HEAR choice AS options

  SELECT CASE choice
    CASE options[0]
      tour()
    CASE options[1]
      write_a_bot()
    CASE options[2]
      invite()
    CASE ELSE
      chat()
      EXIT DO
  END SELECT
LOOP

TALK t("See you around, ${who}. Write to me whenever you like.", "Até logo, ${who}. Escreva para mim quando quiser.")
