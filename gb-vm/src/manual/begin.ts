import { example, type Lesson } from './lessons.ts';

/** The language from its beginning, for people who never programmed. `comecar.ts` is the same in Portuguese, part by part. */
export const begin: Lesson = {
  locale: 'en',
  parts: [
    '# Begin here',
    '*Em português: [Comece aqui](comecar.md)* — [all keywords](README.md)',
    "A program is a list of statements, one on a line. The bot does them from the first to the last. Below each program stands what happens when it runs; a line with `>` is the answer of the person. A line that begins with `'` is a remark for people.",

    '## Talk and ask',
    '`TALK` says something. `HEAR` waits for the answer and keeps it under a name. Behind `AS` stands what you want to hear: the bot asks again until the answer fits. There are [many kinds](answers.md): `DATE`, `MONEY`, `EMAIL`, `PHONE`, `BOOLEAN` for yes or no...',
    example(
      [
        'TALK "What is your name?"',
        'HEAR name AS NAME',
        'TALK "Hello, ${name}! How old are you?"',
        'HEAR age AS INTEGER',
        'TALK "Next year you will be ${age + 1}."',
      ],
      [
        'What is your name?',
        '> Ana',
        'Hello, Ana! How old are you?',
        '> twenty',
        'Please send a whole number, like 5.',
        '> 20',
        'Next year you will be 21.',
      ],
    ),

    '## Values and names',
    'A value is a text in double quotes, a number, `TRUE`, `FALSE` or `NULL` (nothing). `=` gives it a name, and later another value to the same name. Names begin with a letter; capital and small letters are the same. A name that was given nothing is `NULL`.',
    example(['price = 4.5', 'total = price * 2', 'total = total + 1', 'TALK total'], ['10']),

    '## Texts',
    '`${ }` puts a value into a text, and `+` or `&` joins texts. `\\n` begins a new line. Letters are counted from 1. More: [functions of texts](text.md).',
    example(
      [
        'word = "lemonade"',
        'TALK "${UCASE(word)} has ${LEN(word)} letters.\\nIt begins with " + MID(word, 1, 5)',
        'IF word CONTAINS "lemon" THEN TALK "Sour!"',
      ],
      ['LEMONADE has 8 letters.', 'It begins with lemon', 'Sour!'],
    ),

    '## Numbers and money',
    '`+ - * /` and brackets work as in school; `MOD` is what remains. Write `4.5` with a point. `FORMAT` shows a number as people like it. More: [functions of numbers](numbers.md).',
    example(
      [
        'HEAR tickets AS INTEGER WITH "How many tickets?"',
        'total = tickets * 1250.5',
        'TALK FORMAT(total, "$ #,##0.00")',
        'TALK "${INT(20 / 6)} boxes of 6, ${20 MOD 6} left over"',
      ],
      ['How many tickets?', '> 3', '$ 3,751.50', '3 boxes of 6, 2 left over'],
    ),

    '## Decide',
    '`IF` does something only when its condition holds: `=` is the same, `<>` is different, `<` `>` `<=` `>=` compare. Join conditions with `AND`, `OR` and `NOT`.',
    example(
      [
        'HEAR age AS INTEGER WITH "How old are you?"',
        'IF age < 6 THEN',
        '  price = 0',
        'ELSE IF age < 18 OR age >= 65 THEN',
        '  price = 5',
        'ELSE',
        '  price = 10',
        'END IF',
        'TALK "You pay ${price}."',
      ],
      ['How old are you?', '> 70', 'You pay 5.'],
    ),
    '## Let people choose',
    'Texts behind `AS` become buttons. With `*` as the last one, any other answer is taken, too. `WITH` asks the question in the same line. `SELECT CASE` compares one value with many.',
    example(
      [
        'HEAR drink AS "Tea", "Coffee", * WITH "What would you like?"',
        'SELECT CASE drink',
        'CASE "Tea", "Coffee"',
        '  TALK "With sugar?"',
        'CASE ELSE',
        '  TALK "We have no ${LCASE(drink)}, sorry."',
        'END SELECT',
      ],
      ['What would you like?', '[Tea | Coffee]', '> Milk', 'We have no milk, sorry.'],
    ),

    '## Repeat',
    '`FOR` counts. `DO` repeats until something holds. `EXIT FOR` and `EXIT DO` leave early.',
    example(
      [
        'FOR i = 1 TO 2',
        '  TALK "${i} times 7 is ${i * 7}"',
        'NEXT',
        'sum = 0',
        'DO',
        '  HEAR n AS NUMBER WITH "A number, or 0 to end:"',
        '  sum = sum + n',
        'LOOP UNTIL n = 0',
        'TALK "Together: ${sum}"',
      ],
      ['1 times 7 is 7', '2 times 7 is 14', 'A number, or 0 to end:', '> 4.5', 'A number, or 0 to end:', '> 0', 'Together: 4.5'],
    ),

    '## Lists',
    'A list stands in `[ ]`. Its first element is number 0. `PUSH` adds one at the end, and `FOR EACH` goes through all. More: [functions of lists](lists.md).',
    example(
      [
        'cart = ["tea", "cake"]',
        'PUSH cart, "jam"',
        'TALK "${LEN(cart)} things, the first is ${cart[0]}"',
        'FOR EACH item IN SORT(cart)',
        '  TALK "- ${item}"',
        'NEXT',
      ],
      ['3 things, the first is tea', '- cake', '- jam', '- tea'],
    ),

    '## Objects and rows',
    'An object keeps values that belong together, each under a name of its own. A list of objects is a table: each object is a row. More: [functions of rows](tables.md).',
    example(
      [
        'tea = {name: "tea", price: 4}',
        'tea.price = tea.price + 1',
        'menu = [tea, {name: "cake", price: 7}, {name: "jam", price: 3}]',
        'FOR EACH row IN FILTER(menu, "price > 4")',
        '  TALK "${row.name}: ${row.price}"',
        'NEXT',
      ],
      ['tea: 5', 'cake: 7'],
    ),

    '## Words of your own',
    'A `FUNCTION` gives a value back; a `SUB` only does something. What is in the brackets is their own. **Any other name that the script uses outside is the same inside**: here `total` is shared. With `DIM`, `i` is their own, and the `i` outside stays as it is.',
    example(
      [
        'total = 0 : i = 100',
        'FUNCTION double(x)',
        '  RETURN x * 2',
        'END FUNCTION',
        'SUB addUpTo(last)',
        '  DIM i',
        '  FOR i = 1 TO last',
        '    total = total + double(i)',
        '  NEXT',
        'END SUB',
        'addUpTo(3)',
        'TALK "${total} and ${i}"',
      ],
      ['12 and 100'],
    ),

    '## Save and find',
    '`SAVE` appends a row to a table; its columns are named like the variables. `FIND` gives back the rows that fit, or `NULL`. Behind `=` of `UPDATE` stands a value of the program, not a column. More: [tables](data.md) and [memory](memory.md).',
    example(
      [
        'name = "Ana" : city = "Recife"',
        'SAVE "guests", name, city',
        'SAVE "guests", {name: "Rui", city: "Natal"}',
        'UPDATE "guests" SET city = "Olinda" WHERE name = "Ana"',
        'FOR EACH guest IN FIND "guests" ORDER BY name DESC',
        '  TALK "${guest.name} lives in ${guest.city}"',
        'NEXT',
        'DELETE FROM "guests" WHERE city = "Natal"',
        'found = FIND "guests" WHERE name = "Rui"',
        'IF found IS NULL THEN TALK "Rui is gone."',
      ],
      ['Rui lives in Natal', 'Ana lives in Olinda', 'Rui is gone.'],
    ),

    '## Dates',
    'A date is a text like `2026-12-24`, so dates compare and sort well. `TODAY` and `NOW` are functions. More: [functions of dates](dates.md).',
    example(
      [
        'HEAR day AS DATE WITH "When do you arrive?"',
        'leave = ADD DAYS(day, 10)',
        'TALK "You leave on ${WEEKDAYNAME(leave)}, ${FORMAT(leave, "dd/MM/yyyy")}."',
        'IF leave > "2026-12-31" THEN TALK "Happy new year!"',
      ],
      ['When do you arrive?', '> 2026-12-24', 'You leave on Sunday, 03/01/2027.', 'Happy new year!'],
    ),

    '## When something goes wrong',
    'An error ends the program, unless it happens between `TRY` and `CATCH`. `THROW` makes an error of your own. More: [errors](errors.md).',
    example(
      [
        'TRY',
        '  stock = 0',
        '  IF stock = 0 THEN THROW "no tea left"',
        'CATCH problem',
        '  TALK "Sorry: ${problem.message}"',
        'END TRY',
      ],
      ['Sorry: no tea left'],
    ),

    '## Coming from other BASICs',
    '`PRINT`, `INPUT`, `GOTO`, `GOSUB`, line numbers, `DATA` and `DIM a(10)` work as you know them; names need no `$`. What differs: a list in `[ ]` begins at 0, and its `UBOUND` is how many elements it has; of an array made by `DIM` it is the last number. `HEAR` without `AS` gives a text, and `+` joins texts. `=` gives a value as a statement and compares in a condition, which is `true` or `false`, not -1 or 0.',
    example(
      [
        '10 primes = [2, 3, 5]',
        '20 PRINT primes[0], UBOUND(primes)',
        '30 HEAR age WITH "Age?"',
        '40 PRINT age + 1, VAL(age) + 1',
        '50 IF age < 18 THEN GOTO 70',
        '60 PRINT "Welcome"',
        '70 END',
      ],
      ['2             3', 'Age?', '> 20', '201           21', 'Welcome'],
    ),
    '## Try it in the terminal',
    'Write a program into `hello.bas` with any editor. `npx gb basic check hello.bas` lists what is wrong with it; `npx gb basic run hello.bas` runs it, both in the folder of General Bots. There, everything of this page works, and so does `SET BOT MEMORY`; tables and memories last as long as the program, and the csv files of the folder can be read with `FIND "file.csv"`. `WAIT` does not really wait. Mail, the web, models and other people need a server: asked for them, the program stops with [operation_unavailable](errors.md#operation_unavailable). Old listings run as they are with `--profile classic`, those of the standard of 1978 with `--profile minimal`.',

    '## Where to look further',
    '[All keywords](README.md) by subject, [statements](statements.md) one by one, and [every error](errors.md) with a program that gets it. To give a bot tools that a model can use, see [tools, tables and triggers](tools.md).',
  ],
};
