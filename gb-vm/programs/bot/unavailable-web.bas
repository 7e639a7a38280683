' The web and other services. Each form compiles, and says by name what is not offered.
done = 0
name = "Ana"
prompt = "p"
rows = [{"n": 1}]
SUB check(e, keyword)
  IF e.code <> "operation_unavailable" OR NOT (e.message CONTAINS keyword) THEN TALK keyword + ": " + e.code + " " + e.message
END SUB
TRY
  x = POST "https://example.com", {"a": 1}
  TALK "went through: POST"
CATCH e
  check(e, "POST")
  done = done + 1
END TRY
TRY
  x = POST "https://example.com", #{ a: 1 }
  TALK "went through: POST"
CATCH e
  check(e, "POST")
  done = done + 1
END TRY
TRY
  POST("https://example.com", "body")
  TALK "went through: POST"
CATCH e
  check(e, "POST")
  done = done + 1
END TRY
TRY
  x = PUT "https://example.com", {"a": 1}
  TALK "went through: PUT"
CATCH e
  check(e, "PUT")
  done = done + 1
END TRY
TRY
  x = PATCH "https://example.com", {"a": 1}
  TALK "went through: PATCH"
CATCH e
  check(e, "PATCH")
  done = done + 1
END TRY
TRY
  DELETE HTTP "https://example.com/1"
  TALK "went through: DELETE HTTP"
CATCH e
  check(e, "DELETE HTTP")
  done = done + 1
END TRY
TRY
  x = DELETE_HTTP("https://example.com/1")
  TALK "went through: DELETE HTTP"
CATCH e
  check(e, "DELETE HTTP")
  done = done + 1
END TRY
TRY
  x = GRAPHQL "https://example.com", "{a}", {"v": 1}
  TALK "went through: GRAPHQL"
CATCH e
  check(e, "GRAPHQL")
  done = done + 1
END TRY
TRY
  x = SOAP "https://example.com", "Method", {"v": 1}
  TALK "went through: SOAP"
CATCH e
  check(e, "SOAP")
  done = done + 1
END TRY
TRY
  x = RSS "https://example.com/feed"
  TALK "went through: RSS"
CATCH e
  check(e, "RSS")
  done = done + 1
END TRY
TRY
  x = SCRAPE "https://example.com", "h1"
  TALK "went through: SCRAPE"
CATCH e
  check(e, "SCRAPE")
  done = done + 1
END TRY
TRY
  x = SCRAPE_ALL "https://example.com", "li"
  TALK "went through: SCRAPE ALL"
CATCH e
  check(e, "SCRAPE ALL")
  done = done + 1
END TRY
TRY
  x = WEATHER "Recife"
  TALK "went through: WEATHER"
CATCH e
  check(e, "WEATHER")
  done = done + 1
END TRY
TRY
  x = SEARCH PRODUCTS "tea"
  TALK "went through: SEARCH PRODUCTS"
CATCH e
  check(e, "SEARCH PRODUCTS")
  done = done + 1
END TRY
TRY
  page = OPEN "https://example.com"
  TALK "went through: OPEN"
CATCH e
  check(e, "OPEN")
  done = done + 1
END TRY
TRY
  page = OPEN "https://example.com" AS #main
  TALK "went through: OPEN"
CATCH e
  check(e, "OPEN")
  done = done + 1
END TRY
TRY
  page = OPEN "https://example.com" WITH #main
  TALK "went through: OPEN"
CATCH e
  check(e, "OPEN")
  done = done + 1
END TRY
TRY
  CLICK page, "#buy"
  TALK "went through: CLICK"
CATCH e
  check(e, "CLICK")
  done = done + 1
END TRY
TRY
  CLICK LINK TEXT page, "Next"
  TALK "went through: CLICK LINK TEXT"
CATCH e
  check(e, "CLICK LINK TEXT")
  done = done + 1
END TRY
TRY
  HOVER page, "#menu"
  TALK "went through: HOVER"
CATCH e
  check(e, "HOVER")
  done = done + 1
END TRY
TRY
  PRESS page, "Enter"
  TALK "went through: PRESS"
CATCH e
  check(e, "PRESS")
  done = done + 1
END TRY
TRY
  x = SCREENSHOT page
  TALK "went through: SCREENSHOT"
CATCH e
  check(e, "SCREENSHOT")
  done = done + 1
END TRY
TRY
  x = TEXT OF page, "h1"
  TALK "went through: TEXT OF"
CATCH e
  check(e, "TEXT OF")
  done = done + 1
END TRY
TRY
  POST TO INSTAGRAM "ana", "secret", "tea.jpg", "New"
  TALK "went through: POST TO"
CATCH e
  check(e, "POST TO")
  done = done + 1
END TRY
TRY
  POST TO X "text"
  TALK "went through: POST TO"
CATCH e
  check(e, "POST TO")
  done = done + 1
END TRY
TRY
  TWEET "text"
  TALK "went through: TWEET"
CATCH e
  check(e, "TWEET")
  done = done + 1
END TRY
TRY
  SYNCHRONIZE "https://example.com/products", "products", "id"
  TALK "went through: SYNCHRONIZE"
CATCH e
  check(e, "SYNCHRONIZE")
  done = done + 1
END TRY
TRY
  x = MCP "server", "tool", 1
  TALK "went through: MCP"
CATCH e
  check(e, "MCP")
  done = done + 1
END TRY
TRY
  USE ACCOUNT "shop"
  TALK "went through: USE ACCOUNT"
CATCH e
  check(e, "USE ACCOUNT")
  done = done + 1
END TRY
TALK done
