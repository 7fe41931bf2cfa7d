/* Writes the types of the operations of /browse from schema.graphql: `npm run types`.
   With --check it writes nothing, and fails where the file is not what it would write. */
import { readFile, writeFile } from 'node:fs/promises';

import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildASTSchema, parse, printSchema, visit } from 'graphql';

const SCHEMA = new URL('../../schema.graphql', import.meta.url);
const OPERATIONS = new URL('../src/browse/data/operations.graphql', import.meta.url);
const TYPES = new URL('../src/browse/data/operations.ts', import.meta.url);
const NOTE = '/* Written by `npm run types` from operations.graphql and schema.graphql; do not edit. */\n';

/** The text of the file of types. */
async function generate() {
  // Without descriptions: new words for what is there would be no other types.
  const definitions = visit(parse(await readFile(SCHEMA, 'utf8')), { enter: ({ description, ...node }) => description && node });
  // The directives of Apollo Federation are used in the schema and defined by the gateway.
  const schema = buildASTSchema(definitions, { assumeValidSDL: true });
  const types = await codegen({
    filename: TYPES.pathname,
    schema: parse(printSchema(schema)),
    documents: [{ location: OPERATIONS.pathname, document: parse(await readFile(OPERATIONS, 'utf8'), { noLocation: true }) }],
    config: {
      scalars: { DateTime: 'string', BigInt: 'number | string', JSON: 'unknown' },
      useTypeImports: true,
      optimizeDocumentNode: true,
    },
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations, documents: typedDocumentNode },
  });
  return NOTE + types;
}

const text = await generate();
if (process.argv.includes('--check')) {
  if ((await readFile(TYPES, 'utf8').catch(() => '')) !== text) {
    console.error('ui/src/browse/data/operations.ts is not what schema.graphql and operations.graphql give: run `npm run types` in ui/.');
    process.exitCode = 1;
  }
} else {
  await writeFile(TYPES, text);
}
