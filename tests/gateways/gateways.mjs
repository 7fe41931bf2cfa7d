// Composes the subgraph at an address with the reviews, and serves both by two gateways.
// usage: node gateways.mjs MARQUEE_URL; prints the gateways' addresses as JSON and ends with its standard input.
import { createServer } from 'node:http';

import { composeServices } from '@apollo/composition';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createGatewayRuntime } from '@graphql-hive/gateway';
import { parse } from 'graphql';

import { startReviews, typeDefs } from './reviews.mjs';

// Standard output is read to its first line alone.
console.log = console.info = console.debug = console.error;

async function sdlOf(url) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  return (await response.json()).data._service.sdl;
}

function compose(subgraphs) {
  const { supergraphSdl, errors } = composeServices(subgraphs);
  if (errors) throw new Error(errors.map((error) => error.message).join('\n'));
  return supergraphSdl;
}

async function serveApollo(supergraphSdl) {
  const gateway = new ApolloGateway({ supergraphSdl });
  const server = new ApolloServer({ gateway });
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
  return url;
}

async function serveHive(supergraph) {
  const runtime = createGatewayRuntime({ supergraph, logging: false, maskedErrors: false });
  const server = createServer(runtime);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/graphql`;
}

const marquee = process.argv[2];
const supergraph = compose([
  { name: 'marquee', url: marquee, typeDefs: parse(await sdlOf(marquee)) },
  { name: 'reviews', url: await startReviews(), typeDefs },
]);
const addresses = { apollo: await serveApollo(supergraph), hive: await serveHive(supergraph) };
process.stdout.write(`${JSON.stringify(addresses)}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
