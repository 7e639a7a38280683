' A script may describe several tools; what follows RETURN is another part of the file and does not run.
PARAM city AS STRING LIKE "Recife" DESCRIPTION "Where"
DESCRIPTION "Tells the weather."
TALK "weather"
RETURN {"city": city, "degrees": 28}

PARAM amount AS NUMBER
DESCRIPTION "Converts money."
TALK "never"
RETURN amount * 5
