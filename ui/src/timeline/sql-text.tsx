import { useMemo } from 'react';

import { CodeBlock } from './code-block';
import { formatSql } from './sql-format';

/** A statement, laid out and coloured. */
export function SqlText({ sql }: { sql: string }) {
  const tokens = useMemo(() => formatSql(sql), [sql]);
  return (
    <CodeBlock label="SQL">
      {tokens.map((token, index) =>
        token.kind === 'other' ? token.text : <span key={index} className={`tl-${token.kind}`}>{token.text}</span>,
      )}
    </CodeBlock>
  );
}
