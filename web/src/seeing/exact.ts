// Exact decimals: values are summed and subtracted digit by digit, never as binary fractions.

interface Exact {
  mantissa: bigint;
  /** Digits after the mark. */
  scale: number;
}

export type Digits = number | string;

function read(value: Digits): Exact {
  const text = typeof value === 'number' && /e/i.test(String(value)) ? BigInt(value).toString() : String(value);
  const [whole, part = ''] = text.split('.');
  return { mantissa: BigInt(whole + part), scale: part.length };
}

function write({ mantissa, scale }: Exact): string {
  const sign = mantissa < 0n ? '-' : '';
  const digits = (mantissa < 0n ? -mantissa : mantissa).toString().padStart(scale + 1, '0');
  return sign + (scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits);
}

function combine(a: Digits, b: Digits, how: (x: bigint, y: bigint) => bigint): string {
  const x = read(a), y = read(b), scale = Math.max(x.scale, y.scale);
  const lift = (e: Exact) => e.mantissa * 10n ** BigInt(scale - e.scale);
  return write({ mantissa: how(lift(x), lift(y)), scale });
}

export const sum = (a: Digits, b: Digits) => combine(a, b, (x, y) => x + y);
export const difference = (a: Digits, b: Digits) => combine(a, b, (x, y) => x - y);

/** Moves the decimal mark to the left: Wh to kWh is 3. */
export function shifted(value: Digits, places: number): string {
  const { mantissa, scale } = read(value);
  return write({ mantissa, scale: scale + places });
}

/** Below, at or above zero as a is less than, equal to or greater than b. */
export function compare(a: Digits, b: Digits): number {
  const x = read(a), y = read(b), scale = Math.max(x.scale, y.scale);
  const left = x.mantissa * 10n ** BigInt(scale - x.scale), right = y.mantissa * 10n ** BigInt(scale - y.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}
