import { plural } from '../../timeline/format';
import type { Choice } from '../address';
import { CostNote } from '../cost-note';
import { CollectionDetailsDocument } from '../data/operations';
import { readMediaOfCollection } from '../data/results';
import { Grid } from '../results/grid';
import { usePagedList } from '../results/use-paged-list';
import { PageFrame } from './page-frame';
import { useDetails, useHeading } from './use-details';
import { words } from '../words';

/** A collection with its media, in its own order. */
export function CollectionPage({ id, choice, entry }: { id: string; choice: Choice; entry: number }) {
  const details = useDetails(CollectionDetailsDocument, { id });
  const collection = details.data?.collection;
  const heading = useHeading(collection?.name);
  const list = usePagedList(`${entry} ${id}`, readMediaOfCollection(id));
  return (
    <PageFrame {...{ choice, details }} isMissing={details.data?.collection === null}>
      {collection && (
        <>
          <h1 ref={heading} tabIndex={-1}>
            {collection.name}
          </h1>
          <p className="quiet">{words(collection.kind)}</p>
          {collection.description && <p className="overview">{collection.description}</p>}
          <section aria-label="Media" aria-busy={list.isLoading}>
            <header className="view-head">
              <h2>{plural(collection.mediaCount, 'media', 'media')}</h2>
              <CostNote cost={list.cost} of={list.pages > 1 ? 'for the last page' : ''} />
            </header>
            <Grid {...{ list, choice }} empty={<p className="quiet">No media.</p>} />
          </section>
        </>
      )}
    </PageFrame>
  );
}
