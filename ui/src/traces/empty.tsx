import { hasKey } from '../key/key';
import { CodeBlock } from '../timeline/code-block';
import type { Filter } from './api';

const KEY = `
  -H 'authorization: Bearer YOUR_KEY' \\`;
const EVERYTHING: Filter = { operation: '', minMs: '', errors: false };

export function SwitchedOff() {
  return (
    <div className="empty">
      <h2>Traces are switched off</h2>
      <p>This server keeps none. docs/observability.md names the setting that switches them on.</p>
    </div>
  );
}

export function NoMatch({ kept, onClear }: { kept: number; onClear: (filter: Filter) => void }) {
  return (
    <div className="empty">
      <h2>No trace matches</h2>
      <p>None of the last {kept} does.</p>
      <button type="button" onClick={() => onClear(EVERYTHING)}>
        Show all traces
      </button>
    </div>
  );
}

export function NoTraces() {
  const command = `curl ${window.location.origin}/graphql -H 'content-type: application/json' \\${hasKey() ? KEY : ''}
  -d '{"query": "query FirstTrace { media(first: 3) { nodes { title tags { name } } } }"}'`;
  return (
    <div className="empty tl">
      <h2>No traces yet</h2>
      <p>
        Every request to the API leaves one. Run a query in <a href="/graphql">GraphiQL</a>, or send one from here:
      </p>
      <CodeBlock label="Command">{command}</CodeBlock>
      <p>It appears on this page within seconds.</p>
    </div>
  );
}
