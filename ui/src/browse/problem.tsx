/** What went wrong, and a way to try again. */
export const Problem = ({ words, onRetry }: { words: string; onRetry: () => void }) => (
  <div className="problem" role="alert">
    <p>{words}</p>
    <button type="button" onClick={onRetry}>
      Try again
    </button>
  </div>
);
