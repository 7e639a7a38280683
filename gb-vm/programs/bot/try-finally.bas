TRY
TRY
THROW "a"
CATCH e
THROW "b"
FINALLY
TALK "finally"
END TRY
CATCH e
TALK "outer " + e.message
END TRY
TRY
GOSUB s
x = 1 / 0
CATCH e
TALK "caught " + e.code
END TRY
TRY
GOSUB t
CATCH e
TALK "from t " + e.message
END TRY
GOSUB s
TRY
  TALK "one"
FINALLY
  TALK "two"
END TRY
TRY
TRY
THROW "a"
FINALLY
TALK "f"
END TRY
TALK "never"
CATCH e
TALK "got " + e.message
TRY
 y = 1 / 0
FINALLY
 TALK "last"
END TRY
END TRY
END
s:
TALK "s"
RETURN
t:
THROW "in t"
