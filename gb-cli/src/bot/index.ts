import { dispatch } from '../basic/index.ts';

const help = `gb bot: check, test and publish bots

A bot is a folder, usually NAME.gbai: scripts (*.bas) anywhere inside, settings in *.gbot/config.csv.

  gb bot check DIR...        compile every script and tell what is wrong
      --json                 diagnostics as one JSON array on standard output
  gb bot test DIR            play the conversations in *.test.txt files and compare
      --coverage             tell which lines ran and which did not
      --coverage-json FILE   the same as JSON
      --min-coverage N       fail when less than N percent of the lines ran
  gb bot publish DIR         send the package to the server and make it what people talk to
      --handle NAME          the bot's handle there, if it is not the folder's name
  gb bot watch DIR           publish it now, and again whenever a file of it is saved
      --handle NAME          as above
      --locale NAME          en or pt-BR, for messages (check and test, too)
  gb bot logs DIR|NAME       what happened to the bot on the server: failures with their places, versions
      --lines N              how many of the newest lines, 100 if not given
      --follow               go on with new lines as they come
      --json                 as one JSON array; with --follow one object a line
  gb bot conversations DIR|NAME  who talks to the bot on the server and where they stand, the last active first
      --limit N              how many, 50 if not given
      --json                 as one JSON array

The server is GB_URL (http://127.0.0.1:8080 if not set), and GB_TOKEN a session of it:
POST /api/sessions {"email", "password"} answers with one.

A test file is a conversation. Lines of the bot stand as they are; what the person says begins with >.
    Hi there, what is your name?
    > Ana
    Nice to meet you, Ana*
In the bot's lines * stands for any text, and a line of ... for any lines; the choices of a menu are a line like
[tea | cake], and > [tea] presses one. Lines with @ set the stage:
@ locale pt-BR, @ now 2026-11-23 14:30, @ username Ana, @ script tour.bas, @ param city Recife, @ attach cat.png,
@ people ana, rui (then ana: and rui: begin what they say). + 2 days lets time pass.
@ run remind.bas {"day": 3} runs a script by itself, as a schedule or a webhook would.
= GET "https://example.com/*" -> {"rate": 5} says what the bot asks and what it gets.
A line with ' before it is a remark; \\ before a line takes it as it is; ! CODE says the program fails there with
this error. All of it is told in docs/guides/testing-bots.md.

Exit codes: 0 all is well, 1 a test failed or the server refused, 2 does not compile or wrong use.
`;

/** `gb bot ...`; gives the exit code. */
export async function bot(args: readonly string[]): Promise<number> {
  return dispatch('gb bot', help, args, {
    check: async () => (await import('./check.ts')).check,
    test: async () => (await import('./test.ts')).test,
    publish: async () => (await import('./publish.ts')).publish,
    watch: async () => (await import('./watch.ts')).watch,
    logs: async () => (await import('./logs.ts')).logs,
    conversations: async () => (await import('./conversations.ts')).conversations,
  });
}
