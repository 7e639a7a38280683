/** Turns passwords into something that can be kept. Slow and memory-hungry on purpose, so the number at a time is bounded. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}
