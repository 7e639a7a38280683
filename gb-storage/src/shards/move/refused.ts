/** Why a bucket is not moved, for the operator who asked. Nothing is broken, and nothing was changed by asking. */
export class MoveRefused extends Error {
  readonly said: { readonly en: string; readonly pt: string };

  constructor(said: { readonly en: string; readonly pt: string }) {
    super(said.en);
    this.name = 'MoveRefused';
    this.said = said;
  }

  static busy(bucket: number): MoveRefused {
    return new MoveRefused({
      en: `Bucket ${bucket} is being moved by somebody at this moment.`,
      pt: `O bucket ${bucket} está sendo movido por alguém neste momento.`,
    });
  }
}
