' Each type asks again until the answer fits, and keeps a normal form.
HEAR mail AS EMAIL
TALK mail
HEAR born AS DATE
TALK born
HEAR who AS NAME
TALK who
HEAR n AS INTEGER
TALK n + 1
HEAR w AS NUMBER
TALK w * 2
HEAR f AS FLOAT
TALK f
HEAR sure AS BOOLEAN
IF sure THEN TALK "sure"
HEAR at AS HOUR
TALK at
HEAR price AS MONEY
TALK price
HEAR tel AS MOBILE
TALK tel
HEAR tel AS PHONE
TALK tel
HEAR zip AS ZIPCODE
TALK zip
HEAR lang AS LANGUAGE
TALK lang
HEAR doc AS CPF
TALK doc
HEAR firm AS CNPJ
TALK firm
HEAR paint AS COLOR
TALK paint
HEAR site AS URL
TALK site
HEAR key AS UUID
TALK key
HEAR card AS CREDITCARD
TALK card
HEAR secret AS PASSWORD
TALK LEN(secret)
HEAR note AS STRING
TALK note
HEAR more AS TEXT
TALK more
