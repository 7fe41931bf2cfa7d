import { useState } from 'react';

import { number } from '../../timeline/format';
import { chosenOf, FACETS, resultsHref, toggled, type Choice, type Facet } from '../address';
import { CostNote } from '../cost-note';
import { FACET_NAMES, labelOf, type FacetValue } from '../data/facets';
import { Problem } from '../problem';
import { goTo } from '../router';
import { useFacets } from './use-facets';

const FEW = 8;
const MANY = 50;

/** The facets as check boxes; on a narrow screen they open by a button. */
export function FacetPanel({ choice }: { choice: Choice }) {
  const [isOpen, setOpen] = useState(false);
  const [isLong, setLong] = useState(false);
  const { facets, problem, again } = useFacets(choice, isLong ? MANY : FEW);
  const chosen = chosenOf(choice).length;
  return (
    <aside className={isOpen ? 'facets open' : 'facets'} aria-label="Facets">
      <button type="button" className="facets-button" aria-expanded={isOpen} aria-controls="facets" onClick={() => setOpen(!isOpen)}>
        Filters{chosen > 0 && ` (${chosen})`}
      </button>
      <div id="facets" className="facets-body">
        {problem && <Problem words={problem} onRetry={again} />}
        {facets &&
          FACETS.map((facet) => <FacetGroup key={facet} facet={facet} values={facets.values[facet]} choice={choice} />)}
        <footer>
          {facets && (
            <button type="button" className="plain" aria-expanded={isLong} onClick={() => setLong(!isLong)}>
              {isLong ? 'Show fewer values' : 'Show more values'}
            </button>
          )}
          <CostNote cost={facets?.cost ?? null} />
        </footer>
      </div>
    </aside>
  );
}

interface GroupProps {
  facet: Facet;
  values: FacetValue[];
  choice: Choice;
}

function FacetGroup({ facet, values, choice }: GroupProps) {
  const chosen = choice.facets[facet];
  // What is chosen stays to be seen, also where others have more media.
  const missing = chosen.filter((value) => !values.some((known) => known.value === value));
  const all = [...missing.map((value) => ({ value, label: labelOf(facet, value), count: null })), ...values];
  if (all.length === 0) return null;
  return (
    <fieldset>
      <legend>{FACET_NAMES[facet]}</legend>
      {all.map(({ value, label, count }) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => goTo(resultsHref(toggled(choice, facet, value)))}
          />
          <span className="facet-label">{label}</span> {count !== null && <small>{number(count)}</small>}
        </label>
      ))}
    </fieldset>
  );
}
