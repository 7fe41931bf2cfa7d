import { defineConfig } from 'vite';

/** Where `npm run dev` finds the API. */
const SERVER = 'http://127.0.0.1:8000';

// The server answers /browse with browse.html, /graphql with graphiql.html, /jobs with jobs.html and /traces with traces.html,
// and serves the built assets below /ui/assets.
export default defineConfig({
  base: '/ui/',
  publicDir: false,
  build: {
    target: 'es2022',
    // The query editor (Monaco) is one chunk of 2.8 MB; a warning on every build would say nothing new.
    chunkSizeWarningLimit: 3072,
    rolldownOptions: {
      input: { browse: 'browse.html', graphiql: 'graphiql.html', jobs: 'jobs.html', traces: 'traces.html' },
      // Libraries made for server components say "use client" in every file; here all code is client code.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/graphql': { target: SERVER, bypass: servePage, ws: true },
      '/browse': { target: SERVER, bypass: () => '/ui/browse.html' },
      '/jobs': { target: SERVER, bypass: () => '/ui/jobs.html' },
      '/traces': { target: SERVER, bypass: serveTraces },
    },
  },
});

/** `npm run dev`: a browser's GET of /graphql is the page, all else goes to the running server. */
function servePage(request: { method?: string }): string | undefined {
  return request.method === 'GET' ? '/ui/graphiql.html' : undefined;
}

/** The same for the trace pages and their JSON. */
function serveTraces(request: { url?: string }): string | undefined {
  return request.url?.startsWith('/traces/api/') ? undefined : '/ui/traces.html';
}
