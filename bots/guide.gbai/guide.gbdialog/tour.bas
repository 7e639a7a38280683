' A walk through the house, one room at a time; the person may stop at any door.

SUB tour()
  steps = [
    t("**Channels** hold one topic each. They are listed on the left; anyone in the team can join an open one.",
      "**Canais** cuidam de um assunto cada. Eles ficam na lista à esquerda; qualquer pessoa da equipe entra em um canal aberto."),
    t("**Threads** keep an answer beside its question. Choose *Reply in thread* on a message.",
      "**Conversas paralelas** deixam a resposta junto da pergunta. Escolha *Responder em conversa* numa mensagem."),
    t("**@mentions** call somebody: write @ and a name. They are notified even when they are elsewhere.",
      "**@menções** chamam alguém: escreva @ e um nome. A pessoa é avisada mesmo quando está em outro lugar."),
    t("**Shortcuts**: Ctrl+K (Cmd+K on a Mac) jumps anywhere, and ? shows all the others.",
      "**Atalhos**: Ctrl+K (Cmd+K no Mac) leva a qualquer lugar, e ? mostra todos os outros.")
  ]
  onward = t("Next", "Próximo")
  enough = t("That's enough", "Já basta")

  FOR i = 0 TO LEN(steps) - 1
    TALK steps[i]
    IF i < LEN(steps) - 1 THEN
      HEAR reply AS onward, enough
      IF reply = enough THEN
        TALK t("Of course. You saw ${i + 1} of ${LEN(steps)}.", "Claro. Você viu ${i + 1} de ${LEN(steps)}.")
        EXIT SUB
      END IF
    END IF
  NEXT
  TALK t("That was the whole tour.", "Esse foi o passeio completo.")
END SUB
