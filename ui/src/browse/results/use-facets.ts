import { useEffect, useState } from 'react';

import { searchOf, type Choice } from '../address';
import { readFacets, type Facets } from '../data/facets';

/** The facets of a choice; those of the one before until they have come. */
export function useFacets(choice: Choice, first: number): { facets: Facets | null; problem: string; again: () => void } {
  const [facets, setFacets] = useState<Facets | null>(null);
  const [problem, setProblem] = useState('');
  const [tries, setTries] = useState(0);
  const asked = searchOf(choice);
  useEffect(() => {
    const stop = new AbortController();
    readFacets(choice, first, stop.signal).then(
      (found) => {
        setFacets(found);
        setProblem('');
      },
      (error: Error) => stop.signal.aborted || setProblem(error.message),
    );
    return () => stop.abort();
  }, [asked, first, tries]);
  return { facets, problem, again: () => setTries((number) => number + 1) };
}
