import { plural } from '../timeline/format';
import type { Cost } from './data/cost';

/** In the corner of a view: how many SQL statements it took. */
export function CostNote({ cost, of = '' }: { cost: Cost | null; of?: string }) {
  if (!cost) return null;
  if (cost.statements === null) {
    return (
      <small className="cost" title={cost.words}>
        No report
      </small>
    );
  }
  const words = `${plural(cost.statements, 'SQL statement')}${of && ` ${of}`}`;
  return (
    <small className="cost">
      {/* An opener hands the key of this tab on to the new one. */}
      {cost.traceUrl ? (
        <a href={cost.traceUrl} target="_blank" rel="opener" title="Trace (new tab)">
          {words}
        </a>
      ) : (
        words
      )}
    </small>
  );
}
