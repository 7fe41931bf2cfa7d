import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import { useState } from 'react';

import { EXAMPLES, exampleVariables, type Example } from '../examples';
import { isNarrow } from '../layout';
import { forgetReport } from '../report/outcome';

const UNTOUCHED = new Set(['', ...EXAMPLES.map((example) => example.query)]);

/** Puts an example into the editors: in the tab at hand while nothing was written there, else in a new one. */
function useOpenExample(): (example: Example) => Promise<void> {
  const { addTab, setOperationName, setVisiblePlugin } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const responseEditor = useGraphiQL((state) => state.responseEditor);

  return async (example) => {
    const variables = await exampleVariables(example);
    if (!UNTOUCHED.has(queryEditor?.getValue() ?? '')) addTab();
    queryEditor?.setValue(example.query);
    variableEditor?.setValue(variables);
    responseEditor?.setValue('');
    forgetReport();
    // GraphiQL learns the new name a moment after an edit; a quick run would still ask for the old operation.
    setOperationName(example.operationName);
    if (isNarrow()) setVisiblePlugin(null);
    queryEditor?.focus();
  };
}

function ExamplesPanel() {
  const openExample = useOpenExample();
  const [problem, setProblem] = useState('');
  const onOpen = (example: Example) => {
    setProblem('');
    openExample(example).catch((error: Error) => setProblem(error.message));
  };
  return (
    <section className="marquee-examples" aria-label="Examples">
      <h2>Examples</h2>
      <p>Choose one and run it (Ctrl-Enter). Each says how many SQL statements its answer costs.</p>
      {problem && <p role="alert">{problem}</p>}
      <ul>
        {EXAMPLES.map((example) => (
          <li key={example.name}>
            <ExampleButton example={example} onOpen={onOpen} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ExampleButton({ example, onOpen }: { example: Example; onOpen: (example: Example) => void }) {
  return (
    <button type="button" onClick={() => onOpen(example)}>
      <strong>{example.title}</strong>
      {example.isEdit && <em>Mutation</em>}
      <span>{example.summary}</span>
      <small>{example.statements === 1 ? '1 SQL statement' : `${example.statements} SQL statements`}</small>
    </button>
  );
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <rect x="3" y="4" width="18" height="16" rx="2" />
      <path d="M7 4v16M17 4v16M3 9h4M3 15h4M17 9h4M17 15h4" />
    </svg>
  );
}

export const EXAMPLES_PLUGIN: GraphiQLPlugin = { title: 'Examples', icon: ExamplesIcon, content: ExamplesPanel };
