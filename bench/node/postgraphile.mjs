// PostGraphile 5 over the tables as they stand: one process, a pool of 10, GraphQL at /graphql.
// The database's address comes from PGHOST and its like, the port to listen on from PORT, the kind of plans from
// PLAN_CACHE_MODE.
import { PgManyToManyPreset } from "@graphile-contrib/pg-many-to-many";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const options = `-c plan_cache_mode=${process.env.PLAN_CACHE_MODE}`;
const pool = new pg.Pool({ min: 10, max: 10, idleTimeoutMillis: 0, options });
const server = createServer();
const serving = postgraphile({
  extends: [
    PostGraphileAmberPreset,
    PgSimplifyInflectionPreset,
    PgManyToManyPreset,
    PostGraphileConnectionFilterPreset,
  ],
  schema: { defaultBehavior: "+connection +list", connectionFilterRelations: true },
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
}).createServ(grafserv);
await serving.addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
