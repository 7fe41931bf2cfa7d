const NUMBER = new Intl.NumberFormat('en');

/** 1023 -> "1,023" */
export const number = (value: number): string => NUMBER.format(value);

/** (1, "row") -> "1 row"; (480, "row") -> "480 rows" */
export const plural = (value: number, noun: string, many = `${noun}s`): string =>
  `${number(value)} ${value === 1 ? noun : many}`;

/** Milliseconds: "0.42 ms", "12.3 ms", "480 ms", "1.25 s". */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds >= 100) return `${milliseconds.toFixed(0)} ms`;
  return `${milliseconds.toFixed(milliseconds >= 1 ? 1 : 2)} ms`;
}

/** What a batch was asked for: "100 keys", or "140 loads → 37 keys" where loads share keys. */
export const keyCount = (loads: number, unique: number): string =>
  loads === unique ? plural(unique, 'key') : `${plural(loads, 'load')} → ${plural(unique, 'key')}`;
