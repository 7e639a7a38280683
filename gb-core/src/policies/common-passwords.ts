/**
 * Passwords that guessing programs try first: a short list of stems, repeats, keyboard runs, years and digits stuck on
 * a stem, and the person's own name, e-mail or organization. Not a full breach list; the slow hash and the log-in
 * throttle carry the rest.
 */
const stems = new Set(
  `password passw0rd senha admin administrator welcome bemvindo letmein iloveyou teamo princesa flamengo corinthians palmeiras brasil
  qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm dragon monkey football futebol baseball master superman batman pokemon shadow
  sunshine summer winter spring autumn verao inverno mudar changeme trocar secret segredo default guest login access generalbots general bots`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const runs = ['abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm', '01234567890123456789', '1q2w3e4r5t6y7u8i9o0p'];

export function isCommonPassword(password: string, personal: readonly string[] = []): boolean {
  const plain = password.toLowerCase();
  if (new Set(plain).size < 5) return true;
  // "P@ssw0rd!!" is read as "password": the signs at the ends go before the signs in between become letters.
  const letters = plain
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
    .replace(/0/g, 'o')
    .replace(/[1!]/g, 'i')
    .replace(/3/g, 'e')
    .replace(/[4@]/g, 'a')
    .replace(/[5$]/g, 's');
  const core = (text: string) => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  for (const stem of [core(plain), core(letters), plain.replace(/[^\p{L}]/gu, '')]) {
    if (stems.has(stem)) return true;
    // "senhasenha", "password2024password"
    const half = stem.slice(0, stem.length / 2);
    if (half !== '' && half + half === stem && stems.has(half)) return true;
  }
  for (const run of runs) {
    const reversed = [...run].reverse().join('');
    if (run.includes(plain) || reversed.includes(plain)) return true;
  }
  return personal.some((text) => {
    const own = text.toLowerCase();
    return own.length >= 4 && (own === plain || core(plain) === own || own.split('@')[0] === core(plain));
  });
}
