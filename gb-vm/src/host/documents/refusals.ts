import { OperationFailed } from '../operation.ts';

/** A document that is not what its name says, is broken, or is made to hurt. The reason stays with us: it is about bytes. */
export function unreadable(name: string, cause?: unknown): OperationFailed {
  const short = name.length > 60 ? `${name.slice(0, 57)}...` : name;
  const refusal = new OperationFailed({ en: `${short} cannot be read`, pt: `${short} não pode ser lido` });
  refusal.cause = cause;
  return refusal;
}

export function tooMuch(en: string, pt: string): OperationFailed {
  return new OperationFailed({ en, pt }, 'limit_reached');
}

export function noSuchFile(name: string): OperationFailed {
  const short = name.length > 60 ? `${name.slice(0, 57)}...` : name;
  return new OperationFailed({ en: `there is no file ${short}`, pt: `não há um arquivo ${short}` });
}

/** Runs a parser over bytes of a stranger: whatever it throws says that the document is not readable. */
export async function reading<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OperationFailed ? error : unreadable(name, error);
  }
}
