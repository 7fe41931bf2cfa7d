// Mercurius on Fastify, compiled (jit) and with its loaders, as a federated service: one process, a pool of 10.
// The statements are those of the Python peers, sent as named prepared statements. The database's address comes from
// PGHOST and its like, the port to listen on from PORT, the kind of plans from PLAN_CACHE_MODE.
import { mercuriusFederationPlugin } from "@mercuriusjs/federation";
import Fastify from "fastify";
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

const MEDIA = `m.id, m.title, m.year, (m.rating_tenths / 10.0)::float8 AS rating, m.kind,
  m.original_title AS "originalTitle", m.sort_title AS "sortTitle", m.overview, m.runtime_minutes AS "runtimeMinutes",
  m.added_at AS "addedAt", m.updated_at AS "updatedAt"`;
const SCHEMA = `
extend type Query {
  mediaItem(id: ID!): Media
  media(first: Int = 20, after: String, filter: MediaFilter, orderBy: [MediaOrder!]): MediaConnection!
  genres(first: Int = 20): GenreConnection!
}
type Tag { id: ID! name: String! }
type Genre { id: ID! name: String! media(first: Int = 20): MediaConnection! }
type GenreConnection { nodes: [Genre!]! }
type Media @key(fields: "id") {
  id: ID! kind: String! title: String! originalTitle: String sortTitle: String! year: Int overview: String
  rating: Float runtimeMinutes: Int addedAt: String! updatedAt: String!
  tags: [Tag!]! genres: [Genre!]! credits(first: Int = 20): CreditConnection!
}
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type MediaEdge { cursor: String! node: Media! }
type MediaConnection { edges: [MediaEdge!]! nodes: [Media!]! pageInfo: PageInfo! }
type Credit { id: ID! role: String! character: String position: Int! person: Person! }
type CreditConnection { nodes: [Credit!]! }
type Person { id: ID! name: String! media(first: Int = 20): MediaConnection! }
input NameOrId { name: String }
input RelationFilter { any: [NameOrId!] }
input IntRange { min: Int max: Int }
input FloatRange { min: Float }
input MediaFilter { genres: RelationFilter! year: IntRange! rating: FloatRange! }
enum MediaOrderField { RATING }
enum SortDirection { ASC DESC }
input MediaOrder { field: MediaOrderField! direction: SortDirection! = ASC }`;

// Times go out as PostgreSQL writes them, with the T of ISO 8601.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text.replace(" ", "T"));
const options = `-c plan_cache_mode=${process.env.PLAN_CACHE_MODE}`;
const pool = new pg.Pool({ min: 10, max: 10, idleTimeoutMillis: 0, options });

const folder = new URL("../peers/sql/", import.meta.url);
const sql = {};
for (const file of readdirSync(folder)) {
  const name = file.replace(".sql", "");
  const text = readFileSync(new URL(file, folder), "utf8").replace("{media}", MEDIA);
  sql[name] = async (...values) => (await pool.query({ name, text, values })).rows;
}

const encode = (id) => Buffer.from(id).toString("base64");
const decode = (cursor) => (cursor ? Buffer.from(cursor, "base64").toString() : 0);

// The page of at most `first` out of rows of which one more was asked for.
function connection(rows, first, after) {
  const hasNextPage = rows.length > first;
  if (hasNextPage) rows.length = first;
  const edges = rows.map((node) => ({ cursor: encode(node.id), node }));
  const pageInfo = {
    hasNextPage,
    hasPreviousPage: Boolean(after),
    startCursor: edges[0]?.cursor,
    endCursor: edges.at(-1)?.cursor,
  };
  return { edges, nodes: rows, pageInfo };
}

function grouped(rows, parents) {
  const found = new Map(parents.map((parent) => [parent, []]));
  for (const row of rows) found.get(row.parent).push(row);
  return found;
}

const unique = (values) => [...new Set(values)];
// Without Mercurius' own cache of keys, which costs more than it saves here.
const loader = (load) => ({ loader: load, opts: { cache: false } });

const listsBy = (statement) =>
  loader(async (queries) => {
    const parents = unique(queries.map(({ obj }) => obj.id));
    const found = grouped(await statement(parents), parents);
    return queries.map(({ obj }) => found.get(obj.id));
  });

const pagesBy = (statement, extra, shape) =>
  loader(async (queries) => {
    const { first } = queries[0].params;
    const parents = unique(queries.map(({ obj }) => obj.id));
    const found = grouped(await statement(parents, first + extra), parents);
    const pages = new Map(parents.map((parent) => [parent, shape(found.get(parent), first)]));
    return queries.map(({ obj }) => pages.get(obj.id));
  });

const oneBy = (statement, key) =>
  loader(async (queries) => {
    const rows = await statement(unique(queries.map(({ obj }) => obj[key])));
    const found = new Map(rows.map((row) => [row.id, row]));
    return queries.map(({ obj }) => found.get(obj[key]) ?? null);
  });

const resolvers = {
  Query: {
    mediaItem: async (_, { id }) => (await sql.media_by_id(id))[0] ?? null,
    media: async (_, { first, after, filter }) => {
      if (!filter) return connection(await sql.media_page(decode(after), first + 1), first, after);
      const { genres, year, rating } = filter;
      const lowest = Math.round(rating.min * 10);
      return connection(await sql.media_filtered(genres.any[0].name, year.min, year.max, lowest, first + 1), first);
    },
    genres: async (_, { first }) => ({ nodes: await sql.genre_page(0, first) }),
  },
};
const loaders = {
  Media: {
    __resolveReference: oneBy(sql.media_by_ids, "id"),
    tags: listsBy(sql.tags_by_media),
    genres: listsBy(sql.genres_by_media),
    credits: pagesBy(sql.credits_by_media, 0, (nodes) => ({ nodes })),
  },
  Genre: { media: pagesBy(sql.media_by_genres, 1, connection) },
  Person: { media: pagesBy(sql.media_by_people, 1, connection) },
  Credit: { person: oneBy(sql.people_by_ids, "person_id") },
};

const app = Fastify({ logger: false });
app.register(mercuriusFederationPlugin, { schema: SCHEMA, resolvers, loaders, jit: 1, graphiql: false });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
