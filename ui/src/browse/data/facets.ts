import type { Choice, Facet } from '../address';
import { ask } from './ask';
import type { Cost } from './cost';
import { FacetsDocument } from './operations';
import { KINDS } from './tile';

export interface FacetValue {
  /** As it stands in the address. */
  value: string;
  label: string;
  /** Media that have it; null where that is not known. */
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
  channel: 'Channel',
  tag: 'Tag',
};

/** The values of all facets, at most `first` of each. */
export async function readFacets(_: Choice, first: number, signal: AbortSignal): Promise<Facets> {
  const { data, cost } = await ask(FacetsDocument, { first }, signal);
  const named = (connection: { nodes: { name: string; mediaCount: number }[] } | null) =>
    (connection?.nodes ?? []).map(({ name, mediaCount }) => ({ value: name, label: name, count: mediaCount }));
  return {
    values: {
      kind: Object.entries(KINDS).map(([value, label]) => ({ value, label, count: null })),
      genre: named(data.genres),
      decade: decades().slice(0, first),
      channel: named(data.channels),
      tag: named(data.tags),
    },
    cost,
  };
}

function decades(): FacetValue[] {
  const now = Math.floor(new Date().getFullYear() / 10) * 10;
  return Array.from({ length: 14 }, (_, index) => ({ value: `${now - index * 10}`, label: `${now - index * 10}s`, count: null }));
}

/** What a value of the address is called. */
export function labelOf(facet: Facet, value: string): string {
  if (facet === 'kind') return KINDS[value as keyof typeof KINDS] ?? value;
  return facet === 'decade' ? `${value}s` : value;
}
