import type { Profile } from '../../compiler/profile.ts';
import { numberText } from '../functions/values.ts';

/**
 * How PRINT shows a number.
 *
 * ECMA-55, section 14.4, knows three forms: whole (`123`), with a point (`12.5`) and scaled (`1.25E+30`). A number is
 * first rounded to the significance width of its profile. What is left is written unscaled when the width has room for
 * all its digits: so 999999 and .000001 are unscaled in `minimal`, and 1000000 and .0000001 are not. A number below 1
 * has no zero before its point. Microsoft's interpreters follow the same rule with one more digit; they drop a point
 * without decimals and write two digits of exponent at least.
 */
interface NumberForm {
  readonly digitsMax: number;
  readonly keepsPoint: boolean;
  readonly exponentDigitsMin: number;
}

const forms: Readonly<Record<Exclude<Profile, 'bot'>, NumberForm>> = {
  minimal: { digitsMax: 6, keepsPoint: true, exponentDigitsMin: 1 },
  classic: { digitsMax: 7, keepsPoint: false, exponentDigitsMin: 2 },
};

/** The item PRINT writes: a blank or minus before and a blank behind; in `bot` just the number, as TALK writes it. */
export function numberItem(profile: Profile, value: number): string {
  return profile === 'bot' ? numberText(value) : `${signedNumber(profile, value)} `;
}

/** With a blank or minus before, as STR$ of the old dialects gives it; in `bot` just the number. */
export function signedNumber(profile: Profile, value: number): string {
  if (profile === 'bot') return numberText(value);
  const text = unsigned(Math.abs(value), forms[profile]);
  // A number that is shown as zero has no sign: nobody can tell from which side it came.
  return value < 0 && text !== '0' ? `-${text}` : ` ${text}`;
}

function unsigned(value: number, form: NumberForm): string {
  if (Number.isInteger(value) && value < 10 ** form.digitsMax) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NAN' : 'INF';
  const { digits, exponent } = significantDigits(value, form.digitsMax);
  if (digits === '') return '0';
  if (exponent >= 0 && exponent < form.digitsMax) {
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
    const decimals = digits.slice(exponent + 1);
    return decimals === '' ? whole : `${whole}.${decimals}`;
  }
  const decimals = digits.length - 1 - exponent;
  if (exponent < 0 && decimals <= form.digitsMax) return `.${digits.padStart(decimals, '0')}`;
  const fraction = digits.slice(1);
  const point = fraction !== '' || form.keepsPoint ? '.' : '';
  const power = String(Math.abs(exponent)).padStart(form.exponentDigitsMin, '0');
  return `${digits[0]}${point}${fraction}E${exponent < 0 ? '-' : '+'}${power}`;
}

/**
 * The decimal digits of a positive number, rounded to `count` of them, without zeros at the end; the first one counts
 * ten to the power `exponent`. Zero has no digits.
 */
export function significantDigits(value: number, count: number): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: '', exponent: 0 };
  const [mantissa = '', power = '0'] = value.toExponential(count - 1).split('e');
  let end = mantissa.length;
  while (mantissa[end - 1] === '0') end--;
  return { digits: mantissa.slice(0, end).replace('.', ''), exponent: Number(power) };
}
