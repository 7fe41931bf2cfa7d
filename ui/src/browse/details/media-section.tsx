import { plural } from '../../timeline/format';
import type { Choice } from '../address';
import { CostNote } from '../cost-note';
import { Grid } from '../results/grid';
import type { usePagedList } from '../results/use-paged-list';

interface Props {
  /** How many media there are in all. */
  count: number;
  list: ReturnType<typeof usePagedList>;
  choice: Choice;
}

/** The media of a person or a collection. */
export function MediaSection({ count, list, choice }: Props) {
  return (
    <section aria-label="Media" aria-busy={list.isLoading}>
      <header className="view-head">
        <h2>{plural(count, 'media', 'media')}</h2>
        <CostNote cost={list.cost} of={list.pages > 1 ? 'for the last page' : ''} />
      </header>
      <Grid {...{ list, choice }} empty={<p className="quiet">No media.</p>} />
    </section>
  );
}
