/**
 * What editors need to help authors: all of it pure, on an `Analysis` of the scripts of one folder, and the same in the
 * web editor and in the language server.
 */
export { Analysis } from './analysis.ts';
export { type Completion, type CompletionKind, type CompletionList, completions } from './completions.ts';
export { diagnostics, diagnosticsOf } from './diagnose.ts';
export { type Documentation, type DocumentationPart, documentationOf, toMarkdown } from './documentation.ts';
export { type Fold, folding } from './folding.ts';
export { format, formatEdits, type LineEdit } from './format.ts';
export { type Hover, hover } from './hover.ts';
export { type OutlineEntry, type OutlineKind, outline } from './outline.ts';
export { definition, highlights, references, type Stretch } from './places.ts';
export { type Edit, type Renaming, renamable, rename } from './rename.ts';
export { type SemanticClass, type SemanticToken, semanticTokens } from './semantic-tokens.ts';
export { type Signature, signature } from './signature.ts';
