' What makes or moves files that need a drive. Each form compiles, and says by name what is not offered.
done = 0
name = "Ana"
prompt = "p"
rows = [{"n": 1}]
SUB check(e, keyword)
  IF e.code <> "operation_unavailable" OR NOT (e.message CONTAINS keyword) THEN TALK keyword + ": " + e.code + " " + e.message
END SUB
TRY
  x = UPLOAD "menu.pdf"
  TALK "went through: UPLOAD"
CATCH e
  check(e, "UPLOAD")
  done = done + 1
END TRY
TRY
  UPLOAD "menu.pdf" TO "public"
  TALK "went through: UPLOAD"
CATCH e
  check(e, "UPLOAD")
  done = done + 1
END TRY
TRY
  x = DOWNLOAD "https://example.com/a.pdf"
  TALK "went through: DOWNLOAD"
CATCH e
  check(e, "DOWNLOAD")
  done = done + 1
END TRY
TRY
  DOWNLOAD "https://example.com/a.pdf", "a.pdf"
  TALK "went through: DOWNLOAD"
CATCH e
  check(e, "DOWNLOAD")
  done = done + 1
END TRY
TRY
  COMPRESS "all.zip", "a.pdf", "b.pdf"
  TALK "went through: COMPRESS"
CATCH e
  check(e, "COMPRESS")
  done = done + 1
END TRY
TRY
  EXTRACT "all.zip", "all"
  TALK "went through: EXTRACT"
CATCH e
  check(e, "EXTRACT")
  done = done + 1
END TRY
TRY
  GENERATE PDF "contract.docx", {"name": "Ana"}, "out.pdf"
  TALK "went through: GENERATE PDF"
CATCH e
  check(e, "GENERATE PDF")
  done = done + 1
END TRY
TRY
  x = GENERATE_PDF("contract.docx", {"name": "Ana"}, "out.pdf")
  TALK "went through: GENERATE PDF"
CATCH e
  check(e, "GENERATE PDF")
  done = done + 1
END TRY
TRY
  MERGE_PDF "all.pdf", "a.pdf", "b.pdf"
  TALK "went through: MERGE PDF"
CATCH e
  check(e, "MERGE PDF")
  done = done + 1
END TRY
TRY
  x = CONVERT "a.docx", "pdf"
  TALK "went through: CONVERT"
CATCH e
  check(e, "CONVERT")
  done = done + 1
END TRY
TRY
  CREATE FOLDER "2026"
  TALK "went through: CREATE FOLDER"
CATCH e
  check(e, "CREATE FOLDER")
  done = done + 1
END TRY
TRY
  SHARE FOLDER "2026", "ana@example.com"
  TALK "went through: SHARE FOLDER"
CATCH e
  check(e, "SHARE FOLDER")
  done = done + 1
END TRY
TRY
  CREATE_SITE "spring", "shop", "A page"
  TALK "went through: CREATE SITE"
CATCH e
  check(e, "CREATE SITE")
  done = done + 1
END TRY
TRY
  x = CHART "pie", [1, 2]
  TALK "went through: CHART"
CATCH e
  check(e, "CHART")
  done = done + 1
END TRY
TRY
  x = CHART "bar", [1, 2], ["a", "b"], TRUE
  TALK "went through: CHART"
CATCH e
  check(e, "CHART")
  done = done + 1
END TRY
TRY
  x = CHART PROMPT "bar", [1, 2], "by month"
  TALK "went through: CHART PROMPT"
CATCH e
  check(e, "CHART PROMPT")
  done = done + 1
END TRY
TRY
  x = rows AS IMAGE
  TALK "went through: AS IMAGE"
CATCH e
  check(e, "AS IMAGE")
  done = done + 1
END TRY
TRY
  x = rows AS PDF
  TALK "went through: AS PDF"
CATCH e
  check(e, "AS PDF")
  done = done + 1
END TRY
TRY
  x = QR CODE "https://example.com"
  TALK "went through: QR CODE"
CATCH e
  check(e, "QR CODE")
  done = done + 1
END TRY
TRY
  x = BLUR "a.jpg"
  TALK "went through: BLUR"
CATCH e
  check(e, "BLUR")
  done = done + 1
END TRY
TRY
  x = SHARPEN "a.jpg"
  TALK "went through: SHARPEN"
CATCH e
  check(e, "SHARPEN")
  done = done + 1
END TRY
TRY
  x = MERGE IMAGE "a.jpg", "b.jpg"
  TALK "went through: MERGE IMAGE"
CATCH e
  check(e, "MERGE IMAGE")
  done = done + 1
END TRY
TRY
  x = CARD "order", {"n": 1}
  TALK "went through: CARD"
CATCH e
  check(e, "CARD")
  done = done + 1
END TRY
TRY
  x = GENERATE SECURE LINK "a.pdf" EXPIRES 7 DAYS
  TALK "went through: GENERATE SECURE LINK"
CATCH e
  check(e, "GENERATE SECURE LINK")
  done = done + 1
END TRY
TALK done
