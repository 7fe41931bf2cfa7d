import type { Choice } from '../address';
import { CollectionDetailsDocument } from '../data/operations';
import { readMediaOfCollection } from '../data/results';
import { usePagedList } from '../results/use-paged-list';
import { MediaSection } from './media-section';
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
          <MediaSection {...{ list, choice }} count={collection.mediaCount} />
        </>
      )}
    </PageFrame>
  );
}
