import { FACETS, mapFacets, type Choice, type Facet } from '../address';
import { language } from '../words';
import { ask } from './ask';
import { partsOf, valueOfParts } from './category';
import type { Cost } from './cost';
import { filterOf } from './filter';
import {
  FacetsDocument,
  FoundFacetsDocument,
  type FacetField,
  type NamedFacetFragment,
  type ValuedFacetFragment,
} from './operations';
import { KINDS } from './tile';

export interface FacetValue {
  /** As it stands in the address. */
  value: string;
  label: string;
  /** Media that have it, of those that the words find and all other facets leave. */
  count: number;
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

/** The facets whose values go by their names alone. */
const NAMED: readonly Facet[] = ['genre', 'channel', 'tag'];

const fieldOf = (facet: Facet): FacetField => facet.toUpperCase() as Uppercase<Facet>;

const OF = {
  named: FACETS.filter((facet) => NAMED.includes(facet)).map(fieldOf),
  valued: FACETS.filter((facet) => !NAMED.includes(facet)).map(fieldOf),
};

interface Found {
  named: NamedFacetFragment[] | null;
  valued: ValuedFacetFragment[] | null;
}

/** The values of all facets that a choice leaves, the most frequent ones, at most `first` of each. */
export async function readFacets(choice: Choice, first: number, signal: AbortSignal): Promise<Facets> {
  const { data, cost } = await askFacets(choice, first, signal);
  const named = (data?.named ?? []).map(({ field, values }) => ({
    field,
    values: values.map(({ label, count }) => ({ value: label, count })),
  }));
  const valued = (data?.valued ?? []).map(({ field, values }) => ({
    field,
    values: values.map(({ value, count }) => ({ value: addressOf(value), count })),
  }));
  const found = new Map([...named, ...valued].map(({ field, values }) => [field, values]));
  return {
    values: mapFacets((facet) => {
      const values = found.get(fieldOf(facet)) ?? [];
      return inOrder(facet, values.map((one) => ({ ...one, label: labelOf(facet, one.value) })));
    }),
    cost,
  };
}

/** With words the facets of what these find. */
async function askFacets(choice: Choice, first: number, signal: AbortSignal): Promise<{ data?: Found | null; cost: Cost }> {
  const variables = { ...OF, filter: filterOf(choice), first };
  if (choice.query) {
    const { data, cost } = await ask(FoundFacetsDocument, { ...variables, query: choice.query }, signal);
    return { data: data.search, cost };
  }
  const { data, cost } = await ask(FacetsDocument, variables, signal);
  return { data: data.media, cost };
}

/** Numbers from the highest down; the rest as they came, the most frequent ones first. */
const inOrder = (facet: Facet, values: FacetValue[]): FacetValue[] =>
  facet === 'decade' || facet === 'rating' ? values.sort((a, b) => Number(b.value) - Number(a.value)) : values;

/** As it stands in the address. */
function addressOf(target: ValuedFacetFragment['values'][number]['value']): string {
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
      throw new Error(`No facet has ${target.__typename}.`);
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
