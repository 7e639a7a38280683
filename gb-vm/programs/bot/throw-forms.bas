' An error nobody catches ends the script and names its line.
SUB save_it(o)
  IF o.name IS NULL THEN THROW "a name is needed"
  TALK "saved " + o.name
END SUB
save_it({"name": "Ana"})
TRY
  save_it({})
CATCH e
  TALK "caught: " + e.message
FINALLY
  TALK "finally"
END TRY
save_it({})
TALK "never"
