import { FACETS, mapFacets, type Choice, type Facet } from '../address';
import { language } from '../words';
import { ask } from './ask';
import { partsOf, valueOfParts } from './category';
import type { Cost } from './cost';
import { filterOf } from './filter';
import { FacetsDocument, type FacetChoiceFragment, type FacetField } from './operations';
import { KINDS } from './tile';

export interface FacetValue {
  /** As it stands in the address. */
  value: string;
  label: string;
  /** Media that have it, of those that all other facets leave; null where words are searched, which nobody counts. */
  count: number | null;
}

export interface Facets {
  values: Record<Facet, FacetValue[]>;
  cost: Cost;
}

export const FACET_NAMES: Record<Facet, string> = {
  kind: 'Kind',
  genre: 'Genre',
  decade: 'Decade',
  rating: 'Rating',
  channel: 'Channel',
  language: 'Subtitles',
  category: 'Category',
  tag: 'Tag',
};

const fieldOf = (facet: Facet): FacetField => facet.toUpperCase() as Uppercase<Facet>;

/** The values of all facets that a choice leaves, the most frequent ones, at most `first` of each. */
export async function readFacets(choice: Choice, first: number, signal: AbortSignal): Promise<Facets> {
  const { data, cost } = await ask(FacetsDocument, { filter: filterOf(choice), of: FACETS.map(fieldOf), first }, signal);
  const found = data.media?.facets ?? [];
  return {
    values: mapFacets((facet) => {
      const values = found.find(({ field }) => field === fieldOf(facet))?.values ?? [];
      return inOrder(facet, values.map((one) => valueOf(facet, one, choice.query === '')));
    }),
    cost,
  };
}

/** Numbers from the highest down; the rest as they came, the most frequent ones first. */
const inOrder = (facet: Facet, values: FacetValue[]): FacetValue[] =>
  facet === 'decade' || facet === 'rating' ? values.sort((a, b) => Number(b.value) - Number(a.value)) : values;

function valueOf(facet: Facet, { label, count, value: target }: FacetChoiceFragment, isCounted: boolean): FacetValue {
  const value = addressOf(target) ?? label;
  return { value, label: labelOf(facet, value), count: isCounted ? count : null };
}

/** As it stands in the address; undefined for what goes by its name. */
function addressOf(target: FacetChoiceFragment['value']): string | undefined {
  switch (target.__typename) {
    case 'FacetKind':
      return target.kind;
    case 'FacetDecade':
      return String(target.firstYear);
    case 'FacetRating':
      return String(target.min);
    case 'FacetLanguage':
      return target.language;
    case 'FacetCategory':
      return valueOfParts(target.name, target.value);
    default:
      return undefined;
  }
}

/** What a value of the address is called. */
export function labelOf(facet: Facet, value: string): string {
  switch (facet) {
    case 'kind':
      return KINDS[value as keyof typeof KINDS] ?? value;
    case 'decade':
      return `${value}s`;
    case 'rating':
      return value === '10' ? value : `${value}.0 to ${value}.9`;
    case 'language':
      return language(value);
    case 'category':
      return partsOf(value).join(': ');
    default:
      return value;
  }
}
