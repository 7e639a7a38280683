/** Why a customer is not split, for the operator who asked. Nothing is broken; what was begun goes on when it is asked again. */
export class SplitRefused extends Error {
  readonly said: { readonly en: string; readonly pt: string };

  constructor(said: { readonly en: string; readonly pt: string }) {
    super(said.en);
    this.name = 'SplitRefused';
    this.said = said;
  }
}
