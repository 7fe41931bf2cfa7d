import { number } from '../timeline/format';

const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** "BOX_SET" -> "Box set" */
export const words = (name: string): string => name.charAt(0) + name.slice(1).toLowerCase().replaceAll('_', ' ');

/** "2024-01-01T12:00:00Z" -> "Jan 1, 2024" */
export const date = (iso: string): string => DATE.format(new Date(iso));

/** 123456789 -> "123 MB" */
export function bytes(given: number | string): string {
  let size = Number(given);
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? number(Math.round(size)) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** Seconds: "3:05", "1:02:09" */
export function playingTime(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** 136 -> "2 h 16 min" */
export const runtime = (minutes: number): string =>
  [Math.floor(minutes / 60) > 0 && `${Math.floor(minutes / 60)} h`, minutes % 60 > 0 && `${minutes % 60} min`].filter(Boolean).join(' ') ||
  '0 min';

/** "1920 × 1080" */
export const size = (width: number | null, height: number | null): string => (width && height ? `${width} × ${height}` : '');

/** The name of a language: "fr" -> "French"; the tag itself where no name is known. */
export function language(tag: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
