import { useEffect } from 'react';

import { number, plural } from '../../timeline/format';
import { chosenOf, resultsHref, searchOf, toggled, type Choice } from '../address';
import { CostNote } from '../cost-note';
import { FACET_NAMES, labelOf } from '../data/facets';
import { readResults } from '../data/results';
import { follow } from '../router';
import { FacetPanel } from './facet-panel';
import { Grid } from './grid';
import { OrderSelect } from './order-select';
import { usePagedList, type ShownList } from './use-paged-list';

/** What a choice finds: facets beside it, and a grid that goes on as it is scrolled. */
export function ResultsPage({ choice, entry }: { choice: Choice; entry: number }) {
  const list = usePagedList(`${entry} ${searchOf(choice)}`, readResults(choice));
  useEffect(() => {
    document.title = `${choice.query || 'Browse'} · Marquee`;
  }, [choice.query]);
  return (
    <main className="results" id="main" tabIndex={-1}>
      <h1 className="hidden">{choice.query ? `Results for “${choice.query}”` : 'All media'}</h1>
      <FacetPanel choice={choice} />
      <section aria-label="Results" aria-busy={list.isLoading}>
        <header className="view-head">
          <p role="status">{summaryOf(list, choice)}</p>
          {!choice.query && <OrderSelect choice={choice} />}
          <CostNote cost={list.cost} of={list.pages > 1 ? 'for the last page' : ''} />
        </header>
        <Corrections list={list} />
        <ChosenFacets choice={choice} />
        <Grid key={`${entry}`} list={list} choice={choice} empty={<NothingFound choice={choice} />} />
      </section>
    </main>
  );
}

function summaryOf({ total, items, isLoading, problem, hasMore }: ShownList, { query }: Choice): string {
  if (problem && items.length === 0) return '';
  if (items.length === 0) return isLoading || hasMore ? 'Loading …' : 'Nothing found';
  // Words find people and names as well.
  if (typeof total === 'number') return query ? `${number(total)} found` : plural(total, 'media', 'media');
  // Counting took too long.
  return hasMore ? `More than ${number(items.length)}` : `${number(items.length)} found`;
}

/** Words that nothing has, or little, and what was read instead of them. */
function Corrections({ list: { corrections } }: { list: ShownList }) {
  if (corrections.length === 0) return null;
  const words = [...new Set(corrections.map(({ word }) => word))];
  const readAs = (written: string) => corrections.filter(({ word }) => word === written).map(({ read }) => read);
  return (
    <ul className="corrections" aria-label="Read otherwise">
      {words.map((word) => (
        <li key={word}>
          “{word}” is also read as <b>{readAs(word).join(', ')}</b>
        </li>
      ))}
    </ul>
  );
}

function ChosenFacets({ choice }: { choice: Choice }) {
  const chosen = chosenOf(choice);
  if (chosen.length === 0) return null;
  return (
    <ul className="chosen" aria-label="Chosen">
      {chosen.map(({ facet, value }) => (
        <li key={`${facet} ${value}`}>
          <a href={resultsHref(toggled(choice, facet, value))} onClick={follow}>
            <span className="hidden">Remove </span>
            <small>{FACET_NAMES[facet]}</small> {labelOf(facet, value)} <span aria-hidden="true">×</span>
          </a>
        </li>
      ))}
      <li>
        <a href={resultsHref({ query: choice.query, order: choice.order })} onClick={follow}>
          Remove all
        </a>
      </li>
    </ul>
  );
}

function NothingFound({ choice }: { choice: Choice }) {
  const isNarrowed = chosenOf(choice).length > 0;
  return (
    <div className="nothing">
      <h2>Nothing found</h2>
      <p>{choice.query ? `No media for “${choice.query}”${isNarrowed ? ' with what is chosen' : ''}.` : 'No media are here.'}</p>
      {(isNarrowed || choice.query) && (
        <a href={resultsHref(isNarrowed ? { query: choice.query } : {})} onClick={follow}>
          {isNarrowed ? 'Look without what is chosen' : 'All media'}
        </a>
      )}
    </div>
  );
}
