// MiniSearch on documents and queries from stdin (JSON), ids of the best documents for each query to stdout. Fuzzy and
// prefix search are on and fields boosted, as its documentation shows, the prefix for the last word, as its suggestions
// have it (that found more than `prefix: true`); `processTerm` takes accents away, which is its place for that.
import MiniSearch from "minisearch";
import { readFileSync } from "node:fs";

const { documents, queries, boost, most } = JSON.parse(readFileSync(0, "utf8"));
const processTerm = (term) => term.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const index = new MiniSearch({
  fields: Object.keys(boost),
  processTerm,
  searchOptions: { boost, fuzzy: 0.2, prefix: (term, place, terms) => place === terms.length - 1 },
});
index.addAll(documents);
const found = queries.map((query) => index.search(query).slice(0, most).map(({ id }) => id));
process.stdout.write(JSON.stringify(found));
