import type { Choice } from '../address';
import { PersonDetailsDocument } from '../data/operations';
import { readMediaOfPerson } from '../data/results';
import { usePagedList } from '../results/use-paged-list';
import { ExternalIds } from './facts';
import { MediaSection } from './media-section';
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
          <MediaSection {...{ list, choice }} count={person.mediaCount} />
        </>
      )}
    </PageFrame>
  );
}
