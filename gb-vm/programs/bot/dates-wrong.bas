' What is no date is told, and told apart from nothing.
TRY
  TALK DATEADD("soon", 1, "day")
CATCH e
  TALK e.message
END TRY
TRY
  TALK FORMAT DATE(nothing)
CATCH e
  TALK e.message
END TRY
TRY
  TALK DAY("")
CATCH e
  TALK e.message
END TRY
TRY
  TALK DATEADD(TODAY, 1, "fortnight")
CATCH e
  TALK e.code
END TRY
TALK ISDATE("31/02/2026")
TALK ISDATE("28/02/2026")
