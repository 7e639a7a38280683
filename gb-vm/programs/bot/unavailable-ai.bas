' Models and what they make. Each form compiles, and says by name what is not offered.
done = 0
name = "Ana"
prompt = "p"
rows = [{"n": 1}]
SUB check(e, keyword)
  IF e.code <> "operation_unavailable" OR NOT (e.message CONTAINS keyword) THEN TALK keyword + ": " + e.code + " " + e.message
END SUB
TRY
  x = LLM "Say hello"
  TALK "went through: LLM"
CATCH e
  check(e, "LLM")
  done = done + 1
END TRY
TRY
  TALK LLM "Say hello to ${name}"
  TALK "went through: LLM"
CATCH e
  check(e, "LLM")
  done = done + 1
END TRY
TRY
  x = UCASE(LLM "a")
  TALK "went through: LLM"
CATCH e
  check(e, "LLM")
  done = done + 1
END TRY
TRY
  x = TRIM(LCASE(LLM prompt))
  TALK "went through: LLM"
CATCH e
  check(e, "LLM")
  done = done + 1
END TRY
TRY
  x = LLM("a" + "b")
  TALK "went through: LLM"
CATCH e
  check(e, "LLM")
  done = done + 1
END TRY
TRY
  x = REWRITE "me want tea"
  TALK "went through: REWRITE"
CATCH e
  check(e, "REWRITE")
  done = done + 1
END TRY
TRY
  x = ANSWER "When?"
  TALK "went through: ANSWER"
CATCH e
  check(e, "ANSWER")
  done = done + 1
END TRY
TRY
  x = IMAGE "a cup"
  TALK "went through: IMAGE"
CATCH e
  check(e, "IMAGE")
  done = done + 1
END TRY
TRY
  x = GET IMAGE "a cup"
  TALK "went through: IMAGE"
CATCH e
  check(e, "IMAGE")
  done = done + 1
END TRY
TRY
  x = VIDEO "a cup"
  TALK "went through: VIDEO"
CATCH e
  check(e, "VIDEO")
  done = done + 1
END TRY
TRY
  x = AUDIO "hello"
  TALK "went through: AUDIO"
CATCH e
  check(e, "AUDIO")
  done = done + 1
END TRY
TRY
  x = SEE "photo.jpg"
  TALK "went through: SEE"
CATCH e
  check(e, "SEE")
  done = done + 1
END TRY
TRY
  x = OCR "bill.jpg"
  TALK "went through: OCR"
CATCH e
  check(e, "OCR")
  done = done + 1
END TRY
TRY
  x = TRANSLATE "hi", "pt"
  TALK "went through: TRANSLATE"
CATCH e
  check(e, "TRANSLATE")
  done = done + 1
END TRY
TRY
  x = TRANSLATE "hi" TO "pt"
  TALK "went through: TRANSLATE"
CATCH e
  check(e, "TRANSLATE")
  done = done + 1
END TRY
TRY
  x = SUMMARIZE "long"
  TALK "went through: SUMMARIZE"
CATCH e
  check(e, "SUMMARIZE")
  done = done + 1
END TRY
TRY
  x = CLASSIFY "late", ["praise", "blame"]
  TALK "went through: CLASSIFY"
CATCH e
  check(e, "CLASSIFY")
  done = done + 1
END TRY
TRY
  x = SENTIMENT "I love it"
  TALK "went through: SENTIMENT"
CATCH e
  check(e, "SENTIMENT")
  done = done + 1
END TRY
TRY
  x = THINK KB "warranty"
  TALK "went through: THINK KB"
CATCH e
  check(e, "THINK KB")
  done = done + 1
END TRY
TRY
  x = SCAN BARCODE "b.jpg"
  TALK "went through: SCAN BARCODE"
CATCH e
  check(e, "SCAN BARCODE")
  done = done + 1
END TRY
TRY
  SAVE_FROM_UNSTRUCTURED "leads", "Ana wants a chair"
  TALK "went through: SAVE FROM UNSTRUCTURED"
CATCH e
  check(e, "SAVE FROM UNSTRUCTURED")
  done = done + 1
END TRY
TRY
  SAVE FROM UNSTRUCTURED "leads", "Ana"
  TALK "went through: SAVE FROM UNSTRUCTURED"
CATCH e
  check(e, "SAVE FROM UNSTRUCTURED")
  done = done + 1
END TRY
TRY
  PLAY "a.mp3"
  TALK "went through: PLAY"
CATCH e
  check(e, "PLAY")
  done = done + 1
END TRY
TRY
  x = DESCRIBE IMAGE "a.jpg"
  TALK "went through: SEE"
CATCH e
  check(e, "SEE")
  done = done + 1
END TRY
TRY
  x = SPEECH TO TEXT "a.ogg"
  TALK "went through: SPEECH TO TEXT"
CATCH e
  check(e, "SPEECH TO TEXT")
  done = done + 1
END TRY
TALK done
