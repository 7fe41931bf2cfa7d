import type { ReactNode } from 'react';

import { resultsHref, type Choice } from '../address';
import { CostNote } from '../cost-note';
import { Problem } from '../problem';
import { followBack } from '../router';
import type { Details } from './use-details';

interface Props {
  choice: Choice;
  details: Details<unknown>;
  /** Whether there is no such thing. */
  isMissing: boolean;
  children: ReactNode;
}

/** What all pages of one thing have: the way back, what they took, and words where there is nothing. */
export function PageFrame({ choice, details, isMissing, children }: Props) {
  const { problem, isLoading, again, cost } = details;
  return (
    <main className="details" id="main" tabIndex={-1} aria-busy={isLoading}>
      <header className="view-head">
        <a className="back" href={resultsHref(choice)} onClick={followBack}>
          <span aria-hidden="true">←</span> {choice.query ? `Results for “${choice.query}”` : 'Results'}
        </a>
        <CostNote cost={cost} />
      </header>
      {problem && <Problem words={problem} onRetry={again} />}
      {isMissing && !problem && (
        <>
          <h1>There is nothing at this address</h1>
          <p>It may have been deleted since.</p>
        </>
      )}
      {isLoading && !details.data && <p className="loading">Loading …</p>}
      {children}
    </main>
  );
}
