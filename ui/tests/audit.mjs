// Runs the GraphQL-over-HTTP audits against a server: `node ui/tests/audit.mjs http://127.0.0.1:8000/graphql`.
// Prints a JSON array of [status, name, reason], one for each audit.
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
const results = [];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  results.push([status, audit.name, reason ?? null]);
}
console.log(JSON.stringify(results));
