import type { PlainValue, SuggestionState, TurnScope } from 'gb-core';
import { limits } from 'gb-protocol';
import type { InTurnOperation } from '../operation.ts';
import { listOf, textArg, wordOf, wrong } from '../people/values.ts';
import { paramsOf, scriptOf } from '../workflow/scripts.ts';

const labelCharsMax = 200;
const switchersMax = 20;

/**
 * Buttons below what is said next, until they are cleared. They stay in `state.suggestions` and are offered with the last thing said; a new label
 * takes the place of the same one. `text` is what the button writes, `tool` the script it runs when no program listens.
 */
export const suggestionOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'ADD SUGGESTION'(args, scope) {
    const label = labelOf(args['label'] ?? args['context']);
    const context = wordOf(args['context']).trim();
    // The context may be a script of the bot: then the button runs it.
    const tool = context === '' ? null : await scriptOf(scope, scope.botId, context);
    return add(scope, tool === null ? { label } : { label, tool });
  },

  async 'ADD SUGGESTION TOOL'(args, scope) {
    const label = labelOf(args['label'] ?? args['tool']);
    const name = textArg(args['tool'], { en: 'the tool', pt: 'a ferramenta' }, labelCharsMax);
    const tool = await scriptOf(scope, scope.botId, name);
    if (tool === null) throw wrong(`this bot has no tool ${name}`, `este robô não tem a ferramenta ${name}`);
    const values = listOf(args['values']);
    return add(scope, {
      label,
      tool,
      ...(values.length > 0 ? { params: await paramsOf(scope, scope.botId, tool, values) } : {}),
    });
  },

  async 'ADD SUGGESTION TEXT'(args, scope) {
    const text = textArg(args['text'], { en: 'the text', pt: 'o texto' }, limits.messageTextMax);
    return add(scope, { label: labelOf(args['label'] ?? text), text });
  },

  async 'CLEAR SUGGESTIONS'(_, scope) {
    scope.state.suggestions = [];
    return null;
  },

  async 'ADD SWITCHER'(args, scope) {
    const switcher = textArg(args['switcher'], { en: 'the switch', pt: 'a chave' }, labelCharsMax);
    const talk = scope.state.talk ?? {};
    const others = listOf(talk['switchers']).filter((one) => wordOf((one as { name?: PlainValue }).name) !== switcher);
    if (others.length >= switchersMax) throw tooMany();
    const label = labelOf(args['label'] ?? switcher);
    scope.state.talk = { ...talk, switchers: [...others, { name: switcher, label, isOn: false }] };
    // Its button is shown with the next words, and with every answer of the model.
    return add(scope, { label });
  },

  async 'CLEAR SWITCHERS'(_, scope) {
    const { switchers, ...rest } = scope.state.talk ?? {};
    const labels = listOf(switchers).map((one) => wordOf((one as { label?: PlainValue }).label));
    scope.state.talk = rest;
    scope.state.suggestions = (scope.state.suggestions ?? []).filter(({ label }) => !labels.includes(label));
    return null;
  },
};

function add(scope: TurnScope, suggestion: SuggestionState): PlainValue {
  const others = (scope.state.suggestions ?? []).filter(({ label }) => label !== suggestion.label);
  if (others.length >= limits.suggestionsMax) throw tooMany();
  scope.state.suggestions = [...others, suggestion];
  return null;
}

function labelOf(value: PlainValue | undefined): string {
  return textArg(value, { en: 'the label', pt: 'o rótulo' }, labelCharsMax);
}

function tooMany() {
  return wrong(
    `there may be ${limits.suggestionsMax} buttons at most`,
    `pode haver no máximo ${limits.suggestionsMax} botões`,
    'limit_reached',
  );
}
