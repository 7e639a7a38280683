' Files are told by their names.
HEAR any AS FILE
TALK any
HEAR photo AS IMAGE
TALK photo
HEAR voice AS AUDIO
TALK voice
HEAR film AS VIDEO
TALK film
HEAR paper AS DOCUMENT
TALK paper
HEAR code AS QRCODE
TALK code
HEAR account AS LOGIN
TALK account
HEAR day AS DATETIME
TALK day
