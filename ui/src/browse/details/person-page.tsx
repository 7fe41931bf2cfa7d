import { plural } from '../../timeline/format';
import type { Choice } from '../address';
import { PersonDetailsDocument } from '../data/operations';
import { readMediaOfPerson } from '../data/results';
import { Grid } from '../results/grid';
import { usePagedList } from '../results/use-paged-list';
import { CostNote } from '../cost-note';
import { ExternalIds } from './facts';
import { PageFrame } from './page-frame';
import { useDetails, useHeading } from './use-details';

/** A person with all their media. */
export function PersonPage({ id, choice, entry }: { id: string; choice: Choice; entry: number }) {
  const details = useDetails(PersonDetailsDocument, { id });
  const person = details.data?.person;
  const heading = useHeading(person?.name);
  const list = usePagedList(`${entry} ${id}`, readMediaOfPerson(id));
  return (
    <PageFrame {...{ choice, details }} isMissing={details.data?.person === null}>
      {person && (
        <>
          <h1 ref={heading} tabIndex={-1}>
            {person.name}
          </h1>
          <ExternalIds ids={person.externalIds} />
          <section aria-label="Media" aria-busy={list.isLoading}>
            <header className="view-head">
              <h2>{plural(person.mediaCount, 'media', 'media')}</h2>
              <CostNote cost={list.cost} of={list.pages > 1 ? 'for the last page' : ''} />
            </header>
            <Grid {...{ list, choice }} empty={<p className="quiet">No media.</p>} />
          </section>
        </>
      )}
    </PageFrame>
  );
}
