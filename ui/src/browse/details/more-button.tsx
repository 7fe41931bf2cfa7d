import { CostNote } from '../cost-note';
import { Problem } from '../problem';
import type { useMore } from './use-more';

/** Asks for what follows, says what it took, and tells of what went wrong. */
export function MoreButton({ list, name }: { list: ReturnType<typeof useMore<unknown>>; name: string }) {
  return (
    <>
      {list.problem && <Problem words={list.problem} onRetry={() => void list.more()} />}
      <p className="more">
        {list.hasMore && !list.problem && (
          <button type="button" disabled={list.isLoading} onClick={() => void list.more()}>
            More {name}
          </button>
        )}
        <CostNote cost={list.cost} of="for the last page" />
      </p>
    </>
  );
}
