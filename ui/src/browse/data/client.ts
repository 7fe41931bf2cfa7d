import { cacheExchange, Client, fetchExchange } from 'urql';

import { fetchWithKey } from '../../server';

/** One client for the page. Every answer comes with its report, by which each view says what it took. */
export const client = new Client({
  url: '/graphql',
  exchanges: [cacheExchange, fetchExchange],
  preferGetMethod: false,
  fetch: (url, init) => fetchWithKey(String(url), init ?? {}),
  fetchOptions: { headers: { 'marquee-report': '1' } },
});
