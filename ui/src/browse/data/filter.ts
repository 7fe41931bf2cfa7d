import type { Choice } from '../address';
import { KINDS } from './tile';
import type { IntRange, MediaFilter, MediaKind, NameOrId } from './operations';

/** The filter of a choice: one of the values of each facet, and the words. */
export function filterOf({ query, facets }: Choice): MediaFilter {
  const named = (names: readonly string[]) => (names.length > 0 ? { any: names.map((name) => ({ name }) as NameOrId) } : null);
  const decades = facets.decade.map(decadeOf).filter((range) => range !== null);
  return {
    ...(query && { titleText: { contains: query } }),
    ...(facets.kind.length > 0 && { kind: facets.kind.filter(isKind) }),
    genres: named(facets.genre),
    channels: named(facets.channel),
    tags: named(facets.tag),
    ...(decades.length > 0 && { or: decades.map((year) => ({ year })) }),
  };
}

const isKind = (value: string): value is MediaKind => value in KINDS;

/** "1990" -> from 1990 to 1999 */
function decadeOf(value: string): IntRange | null {
  const first = Number(value);
  return Number.isInteger(first) ? { min: first, max: first + 9 } : null;
}
