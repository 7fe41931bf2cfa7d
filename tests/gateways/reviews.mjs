// A second subgraph: reviews of media, and people as their authors. Nothing of it is in a database: review n is of media
// 1 + (n - 1) % spread, and is by person n.
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import gql from 'graphql-tag';

export const typeDefs = gql`
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@external", "@requires", "@provides"])

  type Query {
    "The first reviews; of so many media in turn."
    reviews(first: Int!, spread: Int!): [Review!]!
    "One review of each media, whether or not it is there."
    reviewsOf(media: [ID!]!): [Review!]!
  }

  type Mutation {
    review(media: ID!): Review!
  }

  type Review @key(fields: "id") {
    id: ID!
    text: String!
    "The media, with its title at hand."
    media: Media @provides(fields: "title")
    "The same media, of which nothing but the id is at hand."
    subject: Media
    author: Person
  }

  type Media @key(fields: "id") {
    id: ID!
    title: String! @external
    year: Int @external
    headline: String! @requires(fields: "title year")
    reviews: [Review!]!
  }

  type Person @key(fields: "id", resolvable: false) {
    id: ID!
  }
`;

const review = (number, media) => ({ id: `review_${number}`, text: `Review ${number}`, number, mediaId: media });

const resolvers = {
  Query: {
    reviews: (_, { first, spread }) =>
      Array.from({ length: first }, (_, place) => review(place + 1, `media_${1 + (place % spread)}`)),
    reviewsOf: (_, { media }) => media.map((id, place) => review(place + 1, id)),
  },
  Mutation: {
    review: (_, { media }) => review(1, media),
  },
  Review: {
    media: ({ mediaId }) => ({ id: mediaId, title: `Provided ${mediaId}` }),
    subject: ({ mediaId }) => ({ id: mediaId }),
    author: ({ number }) => ({ id: `person_${number}` }),
  },
  Media: {
    __resolveReference: (representation) => representation,
    headline: ({ title, year }) => `${title} of ${year}`,
    reviews: ({ id }) => [review(1, id)],
  },
};

/** Starts the subgraph; its address. */
export async function startReviews() {
  const schema = buildSubgraphSchema({ typeDefs, resolvers });
  const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
  return url;
}
