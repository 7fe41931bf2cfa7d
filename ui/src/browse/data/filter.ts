import type { Choice } from '../address';
import { partsOf } from './category';
import type { FloatRange, IntRange, MediaFilter, MediaKind, NameOrId } from './operations';
import { KINDS } from './tile';

/** The filter of a choice: for each facet one condition, that a media has one of the values chosen of it. */
export function filterOf({ facets }: Choice): MediaFilter {
  return {
    ...(facets.kind.length > 0 && { kind: facets.kind.filter(isKind) }),
    ...(facets.genre.length > 0 && { genres: named(facets.genre) }),
    ...(facets.channel.length > 0 && { channels: named(facets.channel) }),
    ...(facets.tag.length > 0 && { tags: named(facets.tag) }),
    ...(facets.language.length > 0 && { subtitles: { any: [{ languages: [...facets.language] }] } }),
    ...(facets.category.length > 0 && { categories: { any: facets.category.map(categoryOf) } }),
    and: [
      ...oneOf(facets.decade.map(decadeOf), (year) => ({ year })),
      ...oneOf(facets.rating.map(ratingOf), (rating) => ({ rating })),
    ],
  };
}

const isKind = (value: string): value is MediaKind => value in KINDS;

const named = (names: readonly string[]) => ({ any: names.map((name): NameOrId => ({ name })) });

function categoryOf(word: string) {
  const [category, value] = partsOf(word);
  return { category: { eq: category }, value: { eq: value } };
}

/** One condition that one of the ranges holds; none where there are no ranges. */
function oneOf<T>(ranges: (T | null)[], conditionOf: (range: T) => MediaFilter): MediaFilter[] {
  const known = ranges.filter((range) => range !== null);
  return known.length > 0 ? [{ or: known.map(conditionOf) }] : [];
}

/** "1990" -> from 1990 to 1999 */
function decadeOf(value: string): IntRange | null {
  const first = Number(value);
  return Number.isInteger(first) ? { min: first, max: first + 9 } : null;
}

/** "7" -> from 7.0 to 7.9 */
function ratingOf(value: string): FloatRange | null {
  const least = Number(value);
  return Number.isInteger(least) ? { min: least, max: least + 0.9 } : null;
}
