TALK "Hello ${username}!"
HEAR what AS "Show me around", "Write a bot", "Invite people"
TALK "You chose ${what}."
